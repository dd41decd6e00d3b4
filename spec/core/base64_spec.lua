-- Base64 against the test vectors of RFC 4648, and what is none.

local base64 = require "daytona.base64"

local VECTORS = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
  foobar = "Zm9vYmFy" }

describe("daytona.base64", function()
  it("encodes and decodes the vectors of the standard", function()
    for bytes, text in pairs(VECTORS) do
      assert.equal(text, base64.encode(bytes))
      assert.equal(bytes, base64.decode(text))
    end
  end)

  it("gives every byte back, at every length", function()
    local all = {}
    for byte = 0, 255 do
      all[#all + 1] = string.char(byte)
    end
    all = table.concat(all):rep(3)
    for length = 0, #all do
      local bytes = all:sub(-length, -1)
      if length == 0 then
        bytes = ""
      end
      assert.equal(bytes, base64.decode(base64.encode(bytes)))
    end
  end)

  it("encodes for URLs in their alphabet, without padding", function()
    assert.equal("-_-_", base64.encode_url "\251\255\191")
    assert.equal("-w", base64.encode_url "\251")
    assert.equal("", base64.encode_url "")
    assert.equal("+w==", base64.encode "\251")
  end)

  it("decodes without padding and across white space", function()
    assert.equal("foobar", base64.decode " Zm9v\r\n\tYmFy\n")
    assert.equal("f", base64.decode "Zg")
    assert.equal("fo", base64.decode "Zm8")
    assert.equal("f", base64.decode "Zg=\n=")
    assert.equal("", base64.decode " \n")
  end)

  it("says nil for what is not base64", function()
    for _, text in ipairs { "Z", "Zm9vY", "Zg===", "Z=g=", "Zm9v!", "Zm\0v", "-_-_", "=Zg=", "Zm9v\194\160", "===" } do
      assert.is_nil(base64.decode(text), text)
    end
  end)

  it("refuses what is no string", function()
    assert.has_error(function() base64.encode(nil) end)
    assert.has_error(function() base64.decode {} end)
  end)
end)
