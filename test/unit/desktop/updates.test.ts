import { describe, expect, it } from 'vitest'
import { Updates, type Updater } from '../../../src-main/electron/updates.ts'
import { parseInput } from '../../../src-shared/api/local-transport.ts'
import { desktopContract, desktopPreferencesSchema } from '../../../src-shared/desktop/desktop-contract.ts'

const feed = 'https://updates.example.com/hookbench'

function updating(given: { on?: boolean; url?: string } = {}) {
  const preferences = { check_for_updates: given.on ?? true, update_feed_url: given.url ?? feed }
  const done: string[] = []
  const states: string[] = []
  let downloaded: (info: { version: string }) => void = () => undefined
  let answer: () => ReturnType<Updater['checkForUpdates']> = () =>
    Promise.resolve({ isUpdateAvailable: false, updateInfo: { version: '0.1.0' } })
  const updater: Updater = {
    setFeedURL: ({ url }) => done.push(`feed ${url}`),
    checkForUpdates: () => {
      done.push('check')
      return answer()
    },
    quitAndInstall: () => done.push('install'),
    on: (_event, listener) => {
      downloaded = listener
    },
  }
  const updates = new Updates({
    load: async () => {
      done.push('load')
      return updater
    },
    preferences: () => preferences,
    onChange: () => states.push(updates.state.status),
  })
  return {
    updates,
    preferences,
    done,
    states,
    finishDownload: (version: string) => downloaded({ version }),
    answerWith: (next: typeof answer) => {
      answer = next
    },
  }
}

const newer = { isUpdateAvailable: true, updateInfo: { version: '0.2.0' } }

describe('updates', () => {
  it('are off unless the user wants them: nothing is loaded, nothing asked', async () => {
    expect(desktopPreferencesSchema.parse({})).toMatchObject({
      check_for_updates: false,
      update_feed_url: '',
    })
    const { updates, done } = updating({ on: false })
    await updates.check()
    expect(updates.state).toEqual({ status: 'off', version: null, problem: null })
    expect(done).toEqual([])
  })

  it.each(['http://updates.example.com', 'file:///etc', 'ftp://x/', 'javascript:alert(1)', 'https://', 'x'])(
    'come from no feed like %s',
    (url) => {
      expect(() => parseInput(desktopContract['desktop.change'].input, { update_feed_url: url })).toThrow(
        expect.objectContaining({
          code: 'invalid_input',
          fields: [{ path: 'update_feed_url', message: 'must be an https:// address, or empty' }],
        }),
      )
    },
  )

  it('come from an https feed, and from none', () => {
    for (const url of [feed, ''])
      expect(parseInput(desktopContract['desktop.change'].input, { update_feed_url: url })).toEqual({
        update_feed_url: url,
      })
  })

  it('need a feed', async () => {
    const { updates, done } = updating({ url: '' })
    expect(updates.state.status).toBe('idle')
    await updates.check()
    expect(updates.state).toEqual({ status: 'failed', version: null, problem: 'No update feed is set.' })
    expect(done).toEqual([])
  })

  it('are looked for at the feed; there may be none', async () => {
    const { updates, done, states } = updating()
    await updates.check()
    expect(done).toEqual(['load', `feed ${feed}`, 'check'])
    expect(states).toEqual(['checking', 'none'])
    await updates.check()
    expect(done.filter((step) => step === 'load')).toHaveLength(1)
  })

  it('are loaded, then installed when the user says so', async () => {
    const { updates, done, states, answerWith, finishDownload } = updating()
    answerWith(() => Promise.resolve(newer))
    expect(() => updates.installer()).toThrow(expect.objectContaining({ code: 'invalid_input' }))
    await updates.check()
    expect(updates.state).toEqual({ status: 'downloading', version: '0.2.0', problem: null })
    expect(() => updates.installer()).toThrow(expect.objectContaining({ code: 'invalid_input' }))
    finishDownload('0.2.0')
    expect(updates.state).toEqual({ status: 'ready', version: '0.2.0', problem: null })
    expect(done).not.toContain('install')
    const install = updates.installer()
    expect(done).not.toContain('install')
    install()
    expect(done.at(-1)).toBe('install')
    expect(states).toEqual(['checking', 'downloading', 'ready'])
  })

  it('that were loaded before stay ready', async () => {
    const { updates, answerWith, finishDownload } = updating()
    answerWith(() => {
      finishDownload('0.2.0')
      return Promise.resolve(newer)
    })
    await updates.check()
    expect(updates.state.status).toBe('ready')
  })

  it('say what went wrong, in one line, while asking and while loading', async () => {
    const { updates, answerWith } = updating()
    answerWith(() => Promise.reject(new Error('net::ERR_CONNECTION_REFUSED\n    at x')))
    await updates.check()
    expect(updates.state).toMatchObject({ status: 'failed', problem: 'net::ERR_CONNECTION_REFUSED' })
    answerWith(() =>
      Promise.resolve({ ...newer, downloadPromise: Promise.reject(new Error('sha512 differs')) }),
    )
    await updates.check()
    await expect
      .poll(() => updates.state)
      .toEqual({
        status: 'failed',
        version: null,
        problem: 'sha512 differs',
      })
    answerWith(() => Promise.resolve(null))
    await updates.check()
    expect(updates.state.problem).toBe('Only the installed app can be updated.')
  })

  it('are off at once when the user changes his mind', async () => {
    const { updates, preferences, answerWith, finishDownload } = updating()
    answerWith(() => Promise.resolve(newer))
    await updates.check()
    finishDownload('0.2.0')
    preferences.check_for_updates = false
    expect(updates.state.status).toBe('off')
    expect(() => updates.installer()).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })
})
