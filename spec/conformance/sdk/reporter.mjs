// A reporter for node:test: failures and skipped tests by name, then one line
// of counts.

function path(names, data) {
  return [...names.slice(0, data.nesting), data.name].join(' > ')
}

function reason(error) {
  const cause = error?.cause ?? error
  return String(cause?.stack ?? cause).replace(/^/gm, '    ')
}

export default async function* reporter(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const names = []
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      names[data.nesting] = data.name
    } else if (type === 'test:pass' || type === 'test:fail') {
      const suite = data.details?.type === 'suite'
      if (data.skip !== undefined) {
        counts.skipped++
        yield `skipped: ${path(names, data)}: ${data.skip === true ? '' : data.skip}\n`
      } else if (type === 'test:fail') {
        // A suite fails with its tests; it counts where it failed by itself.
        if (suite && data.details.error?.failureType === 'subtestsFailed') continue
        counts.failed++
        yield `FAILED: ${path(names, data)}\n${reason(data.details.error)}\n`
      } else if (!suite) {
        counts.passed++
      }
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message
    }
  }
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`
}
