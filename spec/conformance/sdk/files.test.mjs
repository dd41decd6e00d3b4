// Files through the official SDK.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaBadRequestError, DaytonaConflictError, DaytonaFileNotFoundError, DaytonaNotFoundError,
} from './sdk.cjs'
import { failure, newClient, remove } from './support.mjs'

const client = newClient()
let sandbox, fs, local, home

before(async () => {
  local = await mkdtemp(join(tmpdir(), 'conformance-'))
  sandbox = await client.create()
  fs = sandbox.fs
  home = await sandbox.getWorkDir()
})

after(async () => {
  if (sandbox) await remove(client, sandbox)
  await client[Symbol.asyncDispose]()
  await rm(local, { recursive: true })
})

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex')

async function read(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

describe('uploads and downloads', () => {
  const everyByte = Buffer.from([...Array(256).keys()])

  it('pass every byte from a buffer to a buffer', async () => {
    await fs.uploadFile(everyByte, 'up/bytes.bin')
    assert.deepEqual(await fs.downloadFile('up/bytes.bin'), everyByte)
  })

  it('pass an empty file', async () => {
    await fs.uploadFile(Buffer.alloc(0), 'up/empty')
    assert.equal((await fs.downloadFile('up/empty')).length, 0)
    assert.equal((await fs.getFileDetails('up/empty')).size, 0)
  })

  it('pass a large file from a path to a path', async () => {
    const bytes = randomBytes(20 * 1024 * 1024)
    await writeFile(join(local, 'large'), bytes)
    await fs.uploadFile(join(local, 'large'), 'up/large')
    const { result } = await sandbox.process.executeCommand('sha256sum < up/large')
    assert.equal(result.split(' ')[0], sha(bytes))
    await fs.downloadFile('up/large', join(local, 'large-again'))
    assert.equal(sha(await readFile(join(local, 'large-again'))), sha(bytes))
  })

  it('pass streams', async () => {
    const parts = [Buffer.from('one '), Buffer.from('two '), everyByte]
    let sent = 0
    await fs.uploadFileStream(Readable.from(parts), 'up/stream', {
      onProgress: (progress) => { sent = progress.bytesSent },
    })
    assert.equal(sent, 8 + 256)
    assert.deepEqual(await read(await fs.downloadFileStream('up/stream')), Buffer.concat(parts))
  })

  it('take odd names', async () => {
    const names = ['sp ace.txt', 'ünï-文件.txt', 'quote"s\'.txt', 'per%cent&a=b#c.txt', '-dash']
    for (const name of names) {
      await fs.uploadFile(Buffer.from(name), `odd/${name}`)
      assert.equal((await fs.downloadFile(`odd/${name}`)).toString(), name)
    }
    assert.deepEqual((await fs.listFiles('odd')).map((file) => file.name).sort(), names.sort())
  })

  it('take several files, into memory and to disk', async () => {
    await writeFile(join(local, 'second'), 'from disk')
    await fs.uploadFiles([
      { source: Buffer.from('first'), destination: 'many/first' },
      { source: join(local, 'second'), destination: `${home}/many/new/second` },
    ])
    const [first, second] = await fs.downloadFiles([
      { source: 'many/first' }, { source: 'many/new/second', destination: join(local, 'back') },
    ])
    assert.equal(first.result.toString(), 'first')
    assert.equal(second.result, join(local, 'back'))
    assert.equal(await readFile(join(local, 'back'), 'utf8'), 'from disk')
  })

  it('report each missing file by itself', async () => {
    await fs.uploadFile(Buffer.from('here'), 'some/here')
    const [here, missing, directory] = await fs.downloadFiles([
      { source: 'some/here' }, { source: 'some/missing' }, { source: 'some' },
    ])
    assert.equal(here.result.toString(), 'here')
    assert.equal(here.error, undefined)
    assert.equal(missing.result, undefined)
    assert.match(missing.error, /not found/)
    assert.equal(missing.errorDetails.statusCode, 404)
    assert.equal(missing.errorDetails.code, 'FILE_NOT_FOUND')
    assert.equal(directory.errorDetails.statusCode, 400)
    assert.equal(directory.errorDetails.code, 'INVALID_FILE_PATH')
  })

  it('fail for a missing file', async () => {
    await failure(fs.downloadFile('no/such/file'), DaytonaNotFoundError, { statusCode: 404 })
    await failure(fs.downloadFileStream('no/such/file'), DaytonaNotFoundError, { statusCode: 404 })
  })

  it('fail for a destination that is a directory', async () => {
    await fs.createFolder('a-directory', '755')
    await failure(fs.uploadFile(Buffer.from('x'), 'a-directory'), DaytonaBadRequestError,
      { statusCode: 400 })
  })
})

describe('details', () => {
  it('describe a file and a directory', async () => {
    await fs.uploadFile(Buffer.from('12345'), 'info/file.txt')
    const file = await fs.getFileDetails('info/file.txt')
    assert.equal(file.name, 'file.txt')
    assert.equal(file.size, 5)
    assert.equal(file.isDir, false)
    assert.match(file.mode, /^-rw-/)
    assert.match(file.permissions, /^06[0-7]{2}$/)
    assert.match(file.owner, /^\d+$/)
    assert.match(file.group, /^\d+$/)
    assert.ok(Math.abs(Date.parse(file.modifiedAt) - Date.now()) < 600000)
    const directory = await fs.getFileDetails(`${home}/info`)
    assert.equal(directory.isDir, true)
    assert.match(directory.mode, /^drwx/)
  })

  it('list a directory by name', async () => {
    for (const name of ['b', '.hidden', 'a/inside']) {
      await fs.uploadFile(Buffer.from(''), `list/${name}`)
    }
    assert.deepEqual((await fs.listFiles('list')).map((file) => [file.name, file.isDir]),
      [['.hidden', false], ['a', true], ['b', false]])
    const deep = await fs.listFiles('list', { depth: 2 })
    assert.ok(deep.some((file) => file.name === 'inside' && file.path === `${home}/list/a/inside`),
      JSON.stringify(deep))
    assert.equal((await fs.listFiles('list/a/..')).length, 3)
  })

  it('fail for what is not there', async () => {
    const error = await failure(fs.getFileDetails('nothing/here'), DaytonaNotFoundError,
      { statusCode: 404 })
    assert.ok(error instanceof DaytonaFileNotFoundError, `${error.code} ${error.source}`)
    await failure(fs.listFiles('nothing/here'), DaytonaNotFoundError, { statusCode: 404 })
  })

  it('set permissions', async () => {
    await fs.uploadFile(Buffer.from('#!/bin/sh\necho ran\n'), 'script')
    await fs.setFilePermissions('script', { mode: '711' })
    assert.equal((await fs.getFileDetails('script')).permissions, '0711')
    await fs.setFilePermissions('script', { mode: '755' })
    assert.equal((await sandbox.process.executeCommand('./script')).result, 'ran\n')
    await failure(fs.setFilePermissions('script', { mode: 'rwx' }), DaytonaBadRequestError,
      { statusCode: 400 })
  })
})

describe('changes', () => {
  it('make folders with their parents', async () => {
    await fs.createFolder('new/folder/here', '700')
    await fs.createFolder('new/folder/here', '700')
    assert.equal((await fs.getFileDetails('new/folder/here')).permissions, '0700')
  })

  it('move without overwriting', async () => {
    await fs.uploadFile(Buffer.from('moved'), 'move/from')
    await fs.moveFiles('move/from', 'move/to')
    assert.equal((await fs.downloadFile('move/to')).toString(), 'moved')
    await failure(fs.getFileDetails('move/from'), DaytonaNotFoundError, { statusCode: 404 })
    await fs.uploadFile(Buffer.from('other'), 'move/from')
    await failure(fs.moveFiles('move/from', 'move/to'), DaytonaConflictError, { statusCode: 409 })
  })

  it('delete files, and directories only when asked to', async () => {
    await fs.uploadFile(Buffer.from(''), 'gone/file')
    await fs.uploadFile(Buffer.from(''), 'gone/other')
    await fs.deleteFile('gone/file')
    await failure(fs.getFileDetails('gone/file'), DaytonaNotFoundError, { statusCode: 404 })
    await failure(fs.deleteFile('gone'), DaytonaBadRequestError, { statusCode: 400 })
    await fs.deleteFile('gone', true)
    await failure(fs.getFileDetails('gone'), DaytonaNotFoundError, { statusCode: 404 })
  })
})

describe('searches', () => {
  before(async () => {
    await fs.uploadFile(Buffer.from('first\nneedle here\n'), 'hay/one.txt')
    await fs.uploadFile(Buffer.from('needle.\n'), 'hay/deep/two.md')
  })

  it('find lines', async () => {
    const found = (await fs.findFiles('hay', 'needle')).map(({ file, line, content }) =>
      [file.replace(/^.*hay\//, ''), line, content])
    assert.deepEqual(found.sort(), [['deep/two.md', 1, 'needle.'], ['one.txt', 2, 'needle here']])
    assert.deepEqual(await fs.findFiles('hay', 'need.e'), [])
  })

  it('find names', async () => {
    const { files } = await fs.searchFiles('hay', '*.md')
    assert.equal(files.length, 1)
    assert.match(files[0], /hay\/deep\/two\.md$/)
    assert.deepEqual((await fs.searchFiles('hay', '*.nothing')).files, [])
  })

  it('replace text and tell which file failed', async () => {
    const results = await fs.replaceInFiles(['hay/one.txt', 'hay/missing'], 'needle', 'pin')
    assert.deepEqual(results.map((result) => result.success), [true, false])
    assert.match(results[1].error, /no such file/)
    assert.equal((await fs.downloadFile('hay/one.txt')).toString(), 'first\npin here\n')
  })
})
