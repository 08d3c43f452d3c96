import { readdir, readFile } from 'node:fs/promises'

/** What all processes of a program have used. */
export interface Usage {
  readonly processes: number
  readonly cpuSeconds: number
  readonly rssBytes: number
  /** Shared pages divided among those who share them; null where the system won't tell. */
  readonly pssBytes: number | null
}

const ticksPerSecond = 100
const pageBytes = 4096

/** Adds up a process and all that descend from it, by what Linux tells in /proc. */
export async function usageOf(root: number): Promise<Usage> {
  const parents = new Map<number, number>()
  const stats = new Map<number, readonly string[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => null)
    // The command's name stands in brackets and may hold anything.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields === undefined) continue
    parents.set(Number(name), Number(fields[1]))
    stats.set(Number(name), fields)
  }
  const belongs = (pid: number): boolean => pid === root || (pid > 1 && belongs(parents.get(pid) ?? 0))
  const pids = [...stats.keys()].filter(belongs)
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const field = (pid: number, index: number): number => Number(stats.get(pid)?.[index])
  const pss = await Promise.all(pids.map(pssOf))
  return {
    processes: pids.length,
    cpuSeconds: sum(pids.map((pid) => field(pid, 11) + field(pid, 12))) / ticksPerSecond,
    rssBytes: sum(pids.map((pid) => field(pid, 21))) * pageBytes,
    pssBytes: pss.includes(null) ? null : sum(pss.map(Number)),
  }
}

/** Sandboxed processes show this to root only. */
async function pssOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => null)
  const found = text === null ? undefined : /^Pss:\s+(\d+) kB/m.exec(text)?.[1]
  return found === undefined ? null : Number(found) * 1024
}
