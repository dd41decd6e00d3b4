// Cloning through the official SDK, from a git server of our own.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaAuthenticationError, DaytonaConflictError, DaytonaGitAuthFailedError,
  DaytonaGitRepoNotFoundError, DaytonaNotFoundError,
} from './sdk.cjs'
import { failure, gitServer, newClient, remove } from './support.mjs'

describe('git clone', { skip: !gitServer && 'git is missing' }, () => {
  const client = newClient()
  const server = gitServer
  let sandbox

  before(async () => {
    sandbox = await client.create()
  })

  after(async () => {
    if (sandbox) await remove(client, sandbox)
    await client[Symbol.asyncDispose]()
  })

  const run = async (command, cwd) => {
    const { exitCode, result } = await sandbox.process.executeCommand(command, cwd)
    assert.equal(exitCode, 0, result)
    return result.trim()
  }

  it('brings the default branch', async () => {
    await sandbox.git.clone(server.public_url, 'clones/plain')
    assert.equal(await run('git rev-parse HEAD', 'clones/plain'), server.commits.main)
    assert.equal(await run('cat data/*.txt', 'clones/plain'), '1\n2\n3')
  })

  it('brings a branch, a commit, a part of the history', async () => {
    await sandbox.git.clone(server.public_url, 'clones/branch', 'feature')
    assert.equal(await run('git rev-parse HEAD', 'clones/branch'), server.commits.feature)
    await sandbox.git.clone(server.public_url, 'clones/commit', undefined, server.commits.first)
    assert.equal(await run('git rev-parse HEAD', 'clones/commit'), server.commits.first)
    await sandbox.git.clone(server.public_url, 'clones/shallow', undefined, undefined, undefined,
      undefined, undefined, 1)
    assert.equal(await run('git rev-list --count HEAD', 'clones/shallow'), '1')
  })

  it('logs in, and keeps the password to itself', async () => {
    await sandbox.git.clone(server.private_url, 'clones/private', undefined, undefined,
      server.username, server.password)
    assert.equal(await run('git rev-parse HEAD', 'clones/private'), server.commits.main)
    assert.equal(await run('grep -rF "p@ss" clones/private/.git || echo none'), 'none')
  })

  it('is refused without or with wrong credentials', async () => {
    for (const [user, password] of [[], [server.username, 'wrong']]) {
      const error = await failure(sandbox.git.clone(server.private_url, 'clones/refused', undefined,
        undefined, user, password), DaytonaAuthenticationError, { statusCode: 401 })
      assert.ok(error instanceof DaytonaGitAuthFailedError, `${error.code} ${error.source}`)
    }
  })

  it('does not find a missing repository, branch or commit', async () => {
    await failure(sandbox.git.clone(server.missing_url, 'clones/missing'),
      DaytonaGitRepoNotFoundError, { statusCode: 404 })
    await failure(sandbox.git.clone(server.public_url, 'clones/missing', 'nope'),
      DaytonaNotFoundError, { statusCode: 404 })
    const nothing = '0'.repeat(40)
    await failure(sandbox.git.clone(server.public_url, 'clones/no-commit', undefined, nothing),
      DaytonaNotFoundError, { statusCode: 404 })
  })

  it('does not clone over a repository', async () => {
    await sandbox.git.clone(server.public_url, 'clones/twice')
    await failure(sandbox.git.clone(server.public_url, 'clones/twice'), DaytonaConflictError,
      { statusCode: 409 })
  })
})
