import { app, session, shell } from 'electron'
import { appOrigin } from '../../src-shared/desktop/app-address.ts'
import { AppError } from '../../src-shared/errors.ts'
import { originOf } from './main-window.ts'

/**
 * What no page of the app may do, whatever is on it.
 * @see https://www.electronjs.org/docs/latest/tutorial/security, checklist
 */
export function lockDown(log: (line: string) => void): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_event, contents) => {
    const onlyOurs = (event: Electron.Event<{ readonly url: string }>): void => {
      if (originOf(event.url) === appOrigin) return
      event.preventDefault()
      log(`refused to navigate to ${schemeOf(event.url)}`)
    }
    contents.on('will-navigate', onlyOurs)
    contents.on('will-frame-navigate', onlyOurs)
    contents.on('will-redirect', onlyOurs)
    contents.on('will-attach-webview', (event) => {
      event.preventDefault()
      log('refused a webview')
    })
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url).catch(() => log(`refused to open ${schemeOf(url)}`))
      return { action: 'deny' }
    })
  })
}

/** Opens a page in the user's browser. @throws AppError `forbidden` for anything but http and https */
export async function openExternal(url: string): Promise<void> {
  if (!isWebAddress(url))
    throw new AppError('forbidden', { message: 'Only http and https addresses are opened.' })
  await shell.openExternal(url)
}

/** True for an absolute http(s) URL without a user name in it. */
export function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}

/** The rest of an address may hold what should not be in a log. */
function schemeOf(url: string): string {
  return `${/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? 'an address'}…`
}
