import { scratchProblem } from '../support/bench-host.ts'
import { machine, table, type BenchReport } from '../support/bench-report.ts'
import { captureThroughput } from './capture-throughput.ts'
import { deadNeighbour } from './dead-neighbour.ts'
import { deliveryThroughput } from './delivery-throughput.ts'
import { doctor } from './doctor.ts'
import { history } from './history.ts'
import { opening } from './opening.ts'
import { start } from './start.ts'
import { ui } from './ui.ts'

/**
 * `npm run bench -- [deliveries] [captures] [opening] [dead-neighbour] [history] [doctor] [ui] [start] [--json] [--folder=…]`: all of them
 * unless some are named. Figures of different machines don't compare; ratios within one run do.
 */
const benchmarks: Readonly<Record<string, () => Promise<BenchReport>>> = {
  deliveries: () => deliveryThroughput(),
  captures: () => captureThroughput(),
  opening: () => opening(),
  'dead-neighbour': () => deadNeighbour(),
  history: () => history(),
  doctor: () => doctor(),
  ui: () => ui(),
  start: () => start(),
}

const json = process.argv.includes('--json')
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = chosen.find((name) => !(name in benchmarks))
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark "${unknown}": ${Object.keys(benchmarks).join(', ')}.\n`)
  process.exit(2)
}
// So that children are ended and folders removed on the way out.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const problem = await scratchProblem()
if (problem !== null) process.stderr.write(`${problem}\n`)
if (!json) {
  const facts = Object.entries(machine()).map(([name, value]) => `${name}: ${value}`)
  console.log(facts.join(', '))
}
const reports: BenchReport[] = []
for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const report = await run()
  reports.push(report)
  if (json) continue
  const notes = report.notes.map((note) => `  ${note}`)
  console.log(['', `${report.name}: ${report.about}`, '', ...table(report), ...notes].join('\n'))
}
if (json) console.log(JSON.stringify({ machine: machine(), benchmarks: reports }, null, 2))
