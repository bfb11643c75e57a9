// Ends a Vitest run with one plain line. Skipped and todo tests count as failed, and so does a file that could not
// be collected or an error outside any test: nothing that did not run and pass may look green.

export default class CountReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0
    let failed = unhandledErrors.length
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      const good = tests.filter((test) => test.result().state === 'passed').length
      passed += good
      failed += tests.length - good
      if (tests.length === 0 || (good === tests.length && !module.ok())) failed += 1
    }
    // After the other reporters have written their summaries.
    process.once('beforeExit', () => console.log(`${passed} passed, ${failed} failed`))
  }
}
