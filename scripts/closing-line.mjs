// A vitest reporter: why each skipped test was skipped, and a summary line.
export default class ClosingLine {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const reasons = new Map();
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        counts[state] = (counts[state] ?? 0) + 1;
        if (state !== 'skipped') continue;
        const reason = note ?? reasonOf(test);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of reasons) process.stdout.write(`skipped ${count}: ${reason}\n`);
    process.on('exit', () => process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`));
  }
}

/** Skipped suites have the reason in their title: tests/support/requirements.ts. */
function reasonOf(test) {
  const reason = /\(skipped: (.*)\)/.exec(test.fullName);
  return reason === null ? `no reason given: ${test.fullName}` : reason[1];
}
