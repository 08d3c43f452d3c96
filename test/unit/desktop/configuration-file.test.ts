import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfigurationFile } from '../../../src-main/electron/configuration-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

const refused = (sentence: string) => ({ code: 'invalid_input', message: sentence })

describe('a configuration file that was chosen', () => {
  it('is read as text, without a byte order mark', async () => {
    const path = join(temporaryFolder(), 'bench.yaml')
    writeFileSync(path, '\uFEFFversion: 1 # größer\n')
    expect(await readConfigurationFile(path)).toEqual({ name: 'bench.yaml', text: 'version: 1 # größer\n' })
  })

  it('is refused when it is larger than an import takes, by a byte', async () => {
    const path = join(temporaryFolder(), 'big.yaml')
    writeFileSync(path, 'x'.repeat(4 * 1024 * 1024))
    expect((await readConfigurationFile(path)).text).toHaveLength(4 * 1024 * 1024)
    writeFileSync(path, 'x'.repeat(4 * 1024 * 1024 + 1))
    await expect(readConfigurationFile(path)).rejects.toMatchObject(
      refused('big.yaml is larger than 4194304 bytes.'),
    )
  })

  it('is refused when it is a folder, a pipe, no text, or not there', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'x.yaml')
    await expect(readConfigurationFile(path)).rejects.toMatchObject(
      refused("x.yaml can't be read: it is not there."),
    )
    mkdirSync(path)
    await expect(readConfigurationFile(path)).rejects.toMatchObject(refused('x.yaml is not a file.'))
    const picture = join(folder, 'picture.yaml')
    writeFileSync(picture, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]))
    await expect(readConfigurationFile(picture)).rejects.toMatchObject(
      refused('picture.yaml is not a text file in UTF-8.'),
    )
    const pipe = join(folder, 'pipe.yaml')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    await expect(readConfigurationFile(pipe)).rejects.toMatchObject(refused('pipe.yaml is not a file.'))
  })
})
