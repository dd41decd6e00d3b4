-- HMAC with SHA-256, by the test cases of RFC 4231 and keys at the block's size.

local core = require "daytona.core"

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

describe("core.hmac_sha256", function()
  it("is that of RFC 2104", function()
    for _, case in ipairs {
      { ("\11"):rep(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
      { "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
      { ("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
      { ("k"):rep(64), "", "83026a325aaee70e36cfe607536aa1054104ad1077c36134810d4ccded1ccd3b" },
      { "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
    } do
      assert.equal(case[3], hex(core.hmac_sha256(case[1], case[2])))
    end
  end)
end)
