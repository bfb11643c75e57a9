export { type HistoryFaults, type HistoryReport, runLogHistory } from './history.ts'
export { type LogCapability, type LogHarness, LogKit, type LogSurroundings } from './kit.ts'
export { type LogSuiteOptions, logSuite } from './suite.ts'
