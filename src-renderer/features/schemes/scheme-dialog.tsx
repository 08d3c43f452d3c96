import { useStore } from 'zustand'
import type { OwnScheme } from '../../../src-shared/model/own-scheme.ts'
import { signatureSchemeSchema } from '../../../src-shared/model/scheme.ts'
import { useServices } from '../../app/services.ts'
import { CheckField, SelectField, TextField } from '../../parts/field.tsx'
import { visible } from '../../parts/words.ts'
import type { Wrong } from '../../stores/problem.ts'
import { FormDialog } from '../form-dialog.tsx'
import { useDraft } from '../use-draft.ts'
import { exampleHeader, formOf, schemeOf, type SchemeForm } from './scheme-form.ts'

const usual = signatureSchemeSchema.parse({ header: 'X-Signature' })

interface PartProps {
  readonly form: SchemeForm
  readonly wrong: Wrong
  readonly set: (change: Partial<SchemeForm>) => void
}

/** How a sender of one's own signs, as data. */
export function SchemeDialog({
  scheme,
  onClose,
}: {
  readonly scheme: OwnScheme | null
  readonly onClose: () => void
}) {
  const { call } = useServices()
  const draft = useDraft(`scheme ${scheme?.id ?? ''}`, formOf(scheme?.name ?? '', scheme?.scheme ?? usual))
  const { value: form, set } = draft
  const save = async (): Promise<void> => {
    const input = { name: form.name, scheme: schemeOf(form, scheme?.scheme ?? null) }
    await (scheme === null
      ? call('schemes.create', input)
      : call('schemes.change', { ...input, id: scheme.id }))
  }
  return (
    <FormDialog
      title={scheme === null ? 'New signature scheme' : 'Edit the scheme'}
      wide
      fields={fieldsOfForm(form)}
      draft={draft}
      onSave={save}
      onClose={onClose}
    >
      {(wrong) => {
        const props = { form, wrong, set }
        return (
          <>
            <Text {...props} name="name" label="Name" />
            {scheme === null && <StartFrom onChoose={set} name={form.name} />}
            <SelectField
              label="A request proves itself by"
              value={form.kind}
              onChange={(event) => set({ kind: event.target.value as SchemeForm['kind'] })}
            >
              <option value="hmac">an HMAC of its content</option>
              <option value="shared_secret">the secret itself</option>
            </SelectField>
            {form.kind === 'hmac' ? <Hmac {...props} /> : <SharedSecret {...props} />}
            <Places {...props} />
            <Secret {...props} />
            <Example form={form} />
          </>
        )
      }}
    </FormDialog>
  )
}

const hmacFields = ['content', 'header', 'format'] as const
const placeFields = [
  'timestamp_header',
  'timestamp_path',
  'id_header',
  'id_path',
  'event_header',
  'event_path',
  'tolerance_seconds',
] as const

/** The texts that the form has fields for just now. */
function textsOfForm({ kind, secret_encoding: encoding }: SchemeForm): readonly TextName[] {
  if (kind === 'shared_secret') return ['header', 'secret_path', ...placeFields]
  return [...hmacFields, ...placeFields, ...(encoding === 'base64' ? (['secret_prefix'] as const) : [])]
}

const fieldsOfForm = (form: SchemeForm): readonly string[] => [
  'name',
  ...textsOfForm(form).map((name) => `scheme.${name}`),
]

type TextName = Exclude<keyof SchemeForm, 'multiple'>

function Text({
  form,
  wrong,
  set,
  name,
  label,
  help,
  placeholder,
}: PartProps & {
  readonly name: TextName
  readonly label: string
  readonly help?: string
  readonly placeholder?: string
}) {
  return (
    <TextField
      label={label}
      className={name === 'name' ? 'input' : 'input mono'}
      value={form[name]}
      problem={wrong[name === 'name' ? name : `scheme.${name}`]}
      onChange={(event) => set({ [name]: event.target.value })}
      {...(help === undefined ? {} : { help })}
      {...(placeholder === undefined ? {} : { placeholder })}
    />
  )
}

function StartFrom({
  name,
  onChoose,
}: {
  readonly name: string
  readonly onChoose: (form: SchemeForm) => void
}) {
  const { configuration } = useServices()
  const providers = useStore(configuration, (state) => state.providers)
  return (
    <SelectField
      label="Start from"
      defaultValue=""
      onChange={(event) => {
        const provider = providers.find(({ id }) => id === event.target.value)
        onChoose(formOf(name, provider?.scheme ?? usual))
      }}
    >
      <option value="">an HMAC-SHA256 of the body</option>
      {providers.map((provider) => (
        <option key={provider.id} value={provider.id}>
          {`the scheme of ${provider.name}`}
        </option>
      ))}
    </SelectField>
  )
}

function Hmac(props: PartProps) {
  const { form, set } = props
  return (
    <>
      <div className="field-pair">
        <SelectField
          label="Algorithm"
          value={form.algorithm}
          onChange={(event) => set({ algorithm: event.target.value as SchemeForm['algorithm'] })}
        >
          <option value="sha256">HMAC-SHA256</option>
          <option value="sha1">HMAC-SHA1</option>
          <option value="sha512">HMAC-SHA512</option>
        </SelectField>
        <SelectField
          label="Written as"
          value={form.encoding}
          onChange={(event) => set({ encoding: event.target.value as SchemeForm['encoding'] })}
        >
          <option value="hex">hex, lower case</option>
          <option value="base64">base64</option>
        </SelectField>
      </div>
      <Text
        {...props}
        name="content"
        label="Signed content"
        help="{timestamp}, {id} and {body}, and any text between them."
      />
      <div className="field-pair">
        <Text {...props} name="header" label="Signature header" />
        <Text
          {...props}
          name="format"
          label="Its value"
          help="{signature}, and {timestamp} where it travels along, as in t={timestamp},v1={signature}."
        />
      </div>
      <CheckField
        label="The header may hold several signatures"
        help="One of them has to be right: senders do so while a secret is rotated."
        checked={form.multiple}
        onChange={(event) => set({ multiple: event.target.checked })}
      />
    </>
  )
}

function SharedSecret(props: PartProps) {
  return (
    <div className="field-pair">
      <Text {...props} name="header" label="Header with the secret" />
      <Text
        {...props}
        name="secret_path"
        label="or path in the JSON body"
        placeholder="secret"
        help="Dotted, like data.secret."
      />
    </div>
  )
}

function Places(props: PartProps) {
  return (
    <fieldset className="scheme-places">
      <legend>Where a request says more</legend>
      <div className="field-pair">
        <Text {...props} name="timestamp_header" label="Timestamp header" />
        <Text {...props} name="timestamp_path" label="or path in the body" />
      </div>
      <div className="field-pair">
        <Text {...props} name="id_header" label="Delivery id header" />
        <Text {...props} name="id_path" label="or path in the body" />
      </div>
      <div className="field-pair">
        <Text {...props} name="event_header" label="Event type header" />
        <Text {...props} name="event_path" label="or path in the body" />
      </div>
      <Text
        {...props}
        name="tolerance_seconds"
        label="Timestamp valid for, in seconds"
        help="0: its age does not count."
      />
    </fieldset>
  )
}

function Secret(props: PartProps) {
  const { form, set } = props
  if (form.kind === 'shared_secret') return null
  return (
    <div className="field-pair">
      <SelectField
        label="The secret is"
        value={form.secret_encoding}
        onChange={(event) => set({ secret_encoding: event.target.value as SchemeForm['secret_encoding'] })}
      >
        <option value="utf8">text, taken as it is</option>
        <option value="base64">base64 of the key</option>
      </SelectField>
      {form.secret_encoding === 'base64' && (
        <Text {...props} name="secret_prefix" label="Text before it" placeholder="whsec_" />
      )}
    </div>
  )
}

function Example({ form }: { readonly form: SchemeForm }) {
  const header = exampleHeader(form)
  if (header === null) return null
  return (
    <p className="example">
      A request then carries <code>{visible(header)}</code>
    </p>
  )
}
