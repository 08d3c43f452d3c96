import type { UseFormReturn } from 'react-hook-form'
import type { DestinationView } from '../../../src-shared/model/destination.ts'
import { CheckField, Field } from '../../parts/field.tsx'
import { TextFileButton } from '../../parts/text-file.tsx'
import type { DestinationForm } from './destination-form.ts'

type PemName = 'ca' | 'client_certificate' | 'client_key'

/** Whom the connection trusts, and as whom it presents itself. */
export function TlsFields({
  form,
  destination,
}: {
  readonly form: UseFormReturn<DestinationForm>
  readonly destination: DestinationView | null
}) {
  const { errors } = form.formState
  const presents = form.watch('client_certificate').trim() !== ''
  const keyIsKept = destination?.tls.client_key_set === true
  const isWrong = Boolean(errors.ca ?? errors.client_certificate ?? errors.client_key)
  return (
    <details className="more" open={presents || form.watch('ca') !== '' || isWrong}>
      <summary>TLS</summary>
      <CheckField label="Accept self-signed certificates" {...form.register('accept_self_signed')} />
      <PemField
        form={form}
        name="ca"
        label="CA of the receiver"
        help="For a receiver whose certificate is signed by a CA of your own. Public CAs stay trusted."
        placeholder="-----BEGIN CERTIFICATE-----"
      />
      <PemField
        form={form}
        name="client_certificate"
        label="Client certificate"
        help="For a receiver that asks who calls. With the chain behind it, if there is one."
        placeholder="-----BEGIN CERTIFICATE-----"
      />
      <PemField
        form={form}
        name="client_key"
        label="Key of the client certificate"
        help={
          keyIsKept
            ? 'One is kept and never shown. Leave this empty to keep it; it goes with the certificate.'
            : 'Without a passphrase. It is kept encrypted and never shown again.'
        }
        placeholder={keyIsKept ? 'kept' : '-----BEGIN PRIVATE KEY-----'}
      />
    </details>
  )
}

function PemField({
  form,
  name,
  label,
  help,
  placeholder,
}: {
  readonly form: UseFormReturn<DestinationForm>
  readonly name: PemName
  readonly label: string
  readonly help: string
  readonly placeholder: string
}) {
  const problem = form.formState.errors[name]?.message
  return (
    <div className="pem">
      <Field label={label} help={help} problem={problem}>
        {(control) => (
          <textarea
            className="input mono"
            rows={4}
            spellCheck={false}
            autoComplete="off"
            placeholder={placeholder}
            {...form.register(name)}
            {...control}
          />
        )}
      </Field>
      <TextFileButton
        label={`File with the ${label}`}
        accept=".pem,.crt,.cer,.key"
        onText={(text) => form.setValue(name, text, { shouldDirty: true })}
      >
        From a file …
      </TextFileButton>
    </div>
  )
}
