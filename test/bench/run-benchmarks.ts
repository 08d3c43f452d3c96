import { scratchProblem } from '../support/bench-host.ts'
import { machine, table, type BenchReport } from '../support/bench-report.ts'
import { deliveryThroughput } from './delivery-throughput.ts'
import { captureThroughput } from './capture-throughput.ts'
import { deadNeighbour } from './dead-neighbour.ts'
import { opening } from './opening.ts'

const benchmarks: Readonly<Record<string, () => Promise<BenchReport>>> = {
  deliveries: () => deliveryThroughput(),
  captures: () => captureThroughput(),
  opening,
  'dead-neighbour': deadNeighbour,
}
const json = process.argv.includes('--json')
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const problem = await scratchProblem()
if (problem !== null) process.stderr.write(`${problem}\n`)
const reports: BenchReport[] = []
for (const [name, run] of Object.entries(benchmarks)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  const report = await run()
  reports.push(report)
  if (!json)
    console.log(
      [
        '',
        `${report.name}: ${report.about}`,
        '',
        ...table(report),
        ...report.notes.map((note) => `  ${note}`),
      ].join('\n'),
    )
}
if (json) console.log(JSON.stringify({ machine: machine(), benchmarks: reports }, null, 2))
