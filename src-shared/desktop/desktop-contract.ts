import { z } from 'zod'

/** What only the desktop app can do: operations over IPC beside those of the contract. */

export const desktopPreferencesSchema = z.object({
  /** What closing the window does. `ask` until it was asked once. */
  on_close: z.enum(['ask', 'keep_running', 'quit']).default('ask'),
  open_at_login: z.boolean().default(false),
  notifications: z.boolean().default(true),
  check_for_updates: z.boolean().default(false),
  /** A generic feed of electron-updater: the folder that holds `latest.yml` and its kin. */
  update_feed_url: z
    .string()
    .max(2000)
    .refine((url) => url === '' || isHttps(url), 'must be an https:// address, or empty')
    .default(''),
})
export type DesktopPreferences = z.infer<typeof desktopPreferencesSchema>

function isHttps(text: string): boolean {
  return /^https:\/\/[^\s/]+/i.test(text)
}

/** How the data folder's key is kept. @see architecture.md, Secrets */
export const keyProtectionSchema = z.discriminatedUnion('kind', [
  /** Wrapped by the system's keyring. */
  z.object({ kind: z.literal('keyring'), backend: z.string() }),
  /** In a file of mode 0600, because of `reason`: whoever reads the folder can read the secrets. */
  z.object({ kind: z.literal('key_file'), reason: z.string() }),
  /** From HOOKBENCH_KEY. */
  z.object({ kind: z.literal('environment') }),
  /** It can't be unwrapped here: secrets are kept and can't be read. */
  z.object({ kind: z.literal('locked'), reason: z.string() }),
])
export type KeyProtection = z.infer<typeof keyProtectionSchema>

const updateStateSchema = z.object({
  status: z.enum(['off', 'idle', 'checking', 'none', 'downloading', 'ready', 'failed']),
  version: z.string().nullable(),
  problem: z.string().nullable(),
})
export type UpdateState = z.infer<typeof updateStateSchema>

export const desktopStateSchema = z.object({
  preferences: desktopPreferencesSchema,
  key: keyProtectionSchema,
  /** False where the system has no way to open programs at login. */
  can_open_at_login: z.boolean(),
  updates: updateStateSchema,
  /** `http://127.0.0.1:4747/api/v1` */
  api_url: z.string(),
  data_folder: z.string(),
  log_file: z.string(),
})
export type DesktopState = z.infer<typeof desktopStateSchema>

/** An action that the page offers, for the menu. */
export const menuActionSchema = z.object({
  id: z.string().max(200),
  label: z.string().max(200),
  group: z.string().max(50),
  key: z.string().max(20).optional(),
})
export type MenuAction = z.infer<typeof menuActionSchema>

/** The palette's group of what the menu has anyway, in menus of its own. */
export const desktopGroup = 'Desktop app'

const nothing = z.object({})
const preferencesFields = desktopPreferencesSchema.shape

export const desktopContract = {
  'desktop.get': { input: nothing, output: desktopStateSchema },
  'desktop.change': {
    input: z
      .object({
        on_close: preferencesFields.on_close.unwrap(),
        open_at_login: preferencesFields.open_at_login.unwrap(),
        notifications: preferencesFields.notifications.unwrap(),
        check_for_updates: preferencesFields.check_for_updates.unwrap(),
        update_feed_url: preferencesFields.update_feed_url.unwrap(),
      })
      .partial(),
    output: desktopStateSchema,
  },
  /** What can be done on the page just now: the menu shows it. */
  'desktop.actions': { input: z.object({ actions: z.array(menuActionSchema).max(200) }), output: nothing },
  'desktop.reveal': { input: z.object({ what: z.enum(['data_folder', 'log_file']) }), output: nothing },
  /** Opens this Hookbench in the user's browser, logged in. */
  'desktop.open_in_browser': { input: nothing, output: nothing },
  /** Onto the clipboard: the page itself is granted no permission at all. */
  'desktop.copy': { input: z.object({ text: z.string() }), output: nothing },
  'desktop.update': { input: z.object({ step: z.enum(['check', 'install']) }), output: desktopStateSchema },
  /** Puts a key that can't be unwrapped aside and makes a new one; the app starts again. */
  'desktop.new_key': { input: nothing, output: nothing },
} as const

type DesktopContract = typeof desktopContract
export type DesktopOperation = keyof DesktopContract
export type DesktopInput<Name extends DesktopOperation> = z.input<DesktopContract[Name]['input']>
export type DesktopOutput<Name extends DesktopOperation> = z.output<DesktopContract[Name]['output']>
export type DesktopHandlers = {
  readonly [Name in DesktopOperation]: (
    input: z.output<DesktopContract[Name]['input']>,
  ) => Promise<DesktopOutput<Name>>
}

/** What the desktop tells its page. */
export type DesktopMessage =
  | DesktopRequest
  /** The desktop's state has changed. */
  | { readonly kind: 'state' }

/** What it wants the page to do. */
export type DesktopRequest =
  /** Run an action that the page has offered. */
  | { readonly kind: 'action'; readonly id: string }
  /** Show a place: a path as in the address, `/captures/…`. */
  | { readonly kind: 'go'; readonly path: string }
  /** A configuration file was chosen: show what importing it would do. */
  | { readonly kind: 'import'; readonly name: string; readonly text: string }
