// Git through the official SDK: cloning from a git server of our own, and work in
// repositories.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  DaytonaAuthenticationError, DaytonaConflictError, DaytonaGitAuthFailedError,
  DaytonaGitPushRejectedError, DaytonaGitRepoNotFoundError, DaytonaNotFoundError,
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

describe('git in a repository', () => {
  const client = newClient()
  let sandbox, git

  const write = (path, text) => sandbox.fs.uploadFile(Buffer.from(text), path)
  const commit = async (path, name) => {
    await write(`${path}/${name}`, name)
    await git.add(path, ['.'])
    return (await git.commit(path, name, 'Ann', 'ann@example.com')).sha
  }

  before(async () => {
    sandbox = await client.create()
    git = sandbox.git
    const home = await sandbox.getUserHomeDir()
    await git.init('hub', true)
    for (const each of ['a', 'b']) {
      await git.init(each)
      await git.remoteAdd(each, 'origin', `${home}/hub`)
    }
  })

  after(async () => {
    if (sandbox) await remove(client, sandbox)
    await client[Symbol.asyncDispose]()
  })

  it('tells what changed, and commits it', async () => {
    await write('a/f', 'one')
    let status = await git.status('a')
    assert.deepEqual(status.fileStatus, [{ name: 'f', extra: '', staging: 'Untracked', worktree: 'Untracked' }])
    const sha = await commit('a', 'g')
    assert.match(sha, /^[0-9a-f]{40}$/)
    status = await git.status('a')
    assert.deepEqual([status.currentBranch, status.fileStatus], ['main', []])
  })

  it('pushes and pulls, and refuses what would lose something', async () => {
    await git.push('a', undefined, undefined, undefined, undefined, true)
    assert.equal((await git.status('a')).branchPublished, true)
    await git.pull('b')
    assert.equal((await sandbox.process.executeCommand('cat b/f')).result, 'one')
    await commit('b', 'h')
    await git.push('b')
    await commit('a', 'i')
    const error = await failure(git.push('a'), DaytonaConflictError, { statusCode: 409 })
    assert.ok(error instanceof DaytonaGitPushRejectedError, error.code)
  })

  it('makes, changes and deletes branches', async () => {
    await git.createBranch('a', 'side')
    assert.deepEqual((await git.branches('a')).branches.sort(), ['main', 'side'])
    await git.checkoutBranch('a', 'main')
    await git.deleteBranch('a', 'side')
    assert.deepEqual((await git.branches('a')).branches, ['main'])
    await failure(git.checkoutBranch('a', 'side'), DaytonaNotFoundError, { statusCode: 404 })
  })

  const sh = async (command) => (await sandbox.process.executeCommand(command)).result
  const changes = async (path) => Object.fromEntries((await git.status(path)).fileStatus
    .map(({ name, staging, worktree }) => [name, `${staging} ${worktree}`]))

  it('resets: softly, hard, to a commit, and some files', async () => {
    await git.init('undo', false, 'trunk')
    assert.equal((await git.status('undo')).currentBranch, 'trunk')
    const first = await commit('undo', 'f')
    await commit('undo', 'g')
    await git.reset('undo', 'soft', first)
    assert.deepEqual(await changes('undo'), { g: 'Added Unmodified' })
    await git.reset('undo', undefined, undefined, ['g'])
    assert.deepEqual(await changes('undo'), { g: 'Untracked Untracked' })
    await write('undo/f', 'changed')
    await git.reset('undo', 'hard')
    assert.deepEqual(await changes('undo'), { g: 'Untracked Untracked' })
    await failure(git.reset('undo', 'hard', 'nope'), DaytonaNotFoundError, { statusCode: 404 })
  })

  it('restores: the worktree, the index, from a commit', async () => {
    await git.init('restored')
    const first = await commit('restored', 'f')
    await write('restored/f', 'second')
    await git.add('restored', ['f'])
    await write('restored/f', 'third')
    await git.restore('restored', ['f'])
    assert.equal(await sh('cat restored/f'), 'second')
    await git.restore('restored', ['f'], true)
    assert.deepEqual(await changes('restored'), { f: 'Unmodified Modified' })
    await git.restore('restored', ['f'], true, true, first)
    assert.deepEqual(await changes('restored'), {})
    assert.equal(await sh('cat restored/f'), 'f')
  })

  it('commits nothing only when it is told to', async () => {
    await git.init('empty')
    await commit('empty', 'f')
    await assert.rejects(git.commit('empty', 'none', 'Ann', 'ann@example.com'), { statusCode: 400 })
    const { sha } = await git.commit('empty', 'none', 'Ann', 'ann@example.com', true)
    assert.equal(await sh('git -C empty rev-parse HEAD'), `${sha}\n`)
    assert.equal(await sh('git -C empty log -1 --format="%an <%ae> %s"'), 'Ann <ann@example.com> none\n')
  })

  it('checks out a commit, and counts what is ahead and behind', async () => {
    const home = await sandbox.getUserHomeDir()
    await git.push('b', undefined, undefined, 'main', 'origin', true)
    const first = await commit('b', 'ahead')
    let status = await git.status('b')
    assert.deepEqual([status.ahead, status.behind, status.upstream], [1, 0, 'origin/main'])
    await git.push('b', undefined, undefined, 'main', 'origin')
    await git.clone(`file://${home}/hub`, 'c')
    await commit('c', 'theirs')
    await git.push('c')
    await git.pull('b', undefined, undefined, 'main', 'origin')
    await git.checkoutBranch('b', first)
    status = await git.status('b')
    assert.deepEqual([status.detached, status.currentBranch === 'main'], [true, false])
    await git.checkoutBranch('b', 'main')
    assert.equal(await sh('cat b/theirs'), 'theirs')
  })

  it('has remotes and a configuration', async () => {
    assert.equal(await git.remoteGet('a', 'nope'), undefined)
    assert.match(await git.remoteGet('a', 'origin'), /\/hub$/)
    assert.equal((await git.remotes('a')).remotes.length, 1)
    const home = await sandbox.getUserHomeDir()
    await assert.rejects(git.remoteAdd('a', 'origin', 'x'), { statusCode: 409 })
    await git.remoteAdd('a', 'origin', `${home}/hub`, true, true)
    await git.configureUser('Ann', 'ann@example.com')
    await git.configureUser('Bob', 'bob@example.com', 'local', 'a')
    assert.deepEqual([await git.getConfig('user.name', 'local', 'a'), await git.getConfig('user.email', 'local', 'a')],
      ['Bob', 'bob@example.com'])
    assert.equal(await git.getConfig('user.name'), 'Ann')
    await git.setConfig('core.editor', 'ed', 'local', 'a')
    assert.equal(await git.getConfig('core.editor', 'local', 'a'), 'ed')
    assert.ok([null, undefined].includes(await git.getConfig('core.nothing')))
    await git.dangerouslyAuthenticate('ann', 'secret', 'git.example.com')
    const { result } = await sandbox.process.executeCommand('cat ~/.git-credentials')
    assert.equal(result, 'https://ann:secret@git.example.com\n')
  })
})
