import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Runs the project's rules over a tree of the given files. @returns the names of the rules that were broken */
function brokenRules(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hookbench-rules-'))
  folders.push(folder)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const cli = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs')
  const run = spawnSync(
    process.execPath,
    [
      cli,
      '--config',
      join(root, '.dependency-cruiser.mjs'),
      '--output-type',
      'json',
      'src-main',
      'src-renderer',
      'src-shared',
    ],
    { cwd: folder, encoding: 'utf8', timeout: 50_000 },
  )
  const report = JSON.parse(run.stdout) as { summary: { violations: { rule: { name: string } }[] } }
  return report.summary.violations.map((violation) => violation.rule.name)
}

const sound = {
  'src-shared/model.ts': 'export interface Model { id: string }\nexport const one = 1\n',
  'src-main/engine/engine.ts':
    "import { one } from '../../src-shared/model.ts'\nexport const two = one + 1\n",
  'src-main/storage/store.ts':
    "import initSqlJs from 'sql.js'\nimport { two } from '../engine/engine.ts'\nexport const three = [initSqlJs, two]\nexport interface Row { id: string }\n",
  'src-renderer/main.tsx':
    "import { one } from '../src-shared/model.ts'\nexport const App = () => <p>{one}</p>\n",
}

describe('the dependency rules', () => {
  it('accept a tree that follows the arrows', () => {
    expect(brokenRules(sound)).toEqual([])
  })

  it.each([
    [
      'the engine importing storage',
      'src-main/engine/bad.ts',
      "import { three } from '../storage/store.ts'\nexport const bad = three\n",
      'engine-knows-no-outside',
    ],
    [
      'the engine importing only a type of storage',
      'src-main/engine/bad.ts',
      "import type { Row } from '../storage/store.ts'\nexport const bad = (row: Row) => row\n",
      'engine-knows-no-outside',
    ],
    [
      'the engine reading files',
      'src-main/engine/bad.ts',
      "import { readFileSync } from 'node:fs'\nexport const bad = readFileSync\n",
      'engine-touches-no-files-or-sockets',
    ],
    [
      'shared code importing Node',
      'src-shared/bad.ts',
      "import { join } from 'node:path'\nexport const bad = join\n",
      'shared-is-pure',
    ],
    [
      'the renderer importing the main side',
      'src-renderer/bad.tsx',
      "import { two } from '../src-main/engine/engine.ts'\nexport const bad = two\n",
      'renderer-imports-shared-only',
    ],
    [
      'sql.js outside storage',
      'src-main/api/bad.ts',
      "import initSqlJs from 'sql.js'\nexport const bad = initSqlJs\n",
      'sqljs-in-its-folder',
    ],
    [
      'fastify outside capture and api',
      'src-main/host.ts',
      "import fastify from 'fastify'\nexport const bad = fastify\n",
      'fastify-in-its-folders',
    ],
    [
      'undici outside the sender',
      'src-main/api/bad.ts',
      "import { request } from 'undici'\nexport const bad = request\n",
      'undici-in-its-folder',
    ],
    [
      'electron outside its folder',
      'src-main/cli/bad.ts',
      "import { app } from 'electron'\nexport const bad = app\n",
      'electron-in-its-folder',
    ],
    [
      'siblings importing one another',
      'src-main/sender/bad.ts',
      "import { three } from '../storage/store.ts'\nexport const bad = three\n",
      'sender-knows-no-sibling',
    ],
  ])('refuse %s', (_what, path, text, rule) => {
    expect(brokenRules({ ...sound, [path]: text })).toContain(rule)
  })
})
