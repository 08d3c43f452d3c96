import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appFolderOf, readArguments } from '../../../src-main/electron/arguments.ts'
import { dataFolder } from '../../../src-main/data-folder.ts'

const read = (given: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  readArguments(['hookbench', ...given], environment)

describe('what the app is started with', () => {
  it('is the folder and the ports of the command line', () => {
    expect(read(['--data-dir', '/tmp/bench', '--port', '0', '--capture-port=5858', '--hidden'])).toEqual({
      folder: '/tmp/bench',
      port: 0,
      capturePort: 5858,
      hidden: true,
    })
  })

  it('is the same default folder as the command line’s, and ports that the settings may name', () => {
    const environment = { HOME: '/home/ada', HOOKBENCH_DATA_DIR: '/srv/bench' }
    expect(read([], environment)).toEqual({
      folder: dataFolder(undefined, environment),
      port: { unlessSet: 4747 },
      capturePort: { unlessSet: 4848 },
      hidden: false,
    })
    expect(read(['--data-dir', '/tmp/x'], environment).folder).toBe('/tmp/x')
  })

  it('passes over Electron’s and Chromium’s own switches', () => {
    const given = ['--no-sandbox', '--remote-debugging-port=0', '.', '--force-color-profile', 'srgb']
    expect(read([...given, '--data-dir', '/tmp/bench']).folder).toBe('/tmp/bench')
  })

  it.each(['', 'x', '-1', '70000', '1.5', '0x10', ' 80'])('takes the port "%s" as none', (port) => {
    expect(read([`--port=${port}`]).port).toEqual({ unlessSet: 4747 })
  })

  it('keeps the app’s own files within the data folder', () => {
    expect(appFolderOf('/tmp/bench')).toBe(join('/tmp/bench', 'desktop'))
  })
})
