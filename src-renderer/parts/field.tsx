import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from 'react'

interface FieldShape {
  readonly label: string
  readonly help?: ReactNode
  readonly problem?: string | undefined
}

/** A label, its control, what helps, and what is wrong with it. */
export function Field({
  label,
  help,
  problem,
  children,
}: FieldShape & {
  readonly children: (control: {
    id: string
    'aria-describedby': string | undefined
    'aria-invalid': boolean
  }) => ReactNode
}) {
  const id = useId()
  const described = problem !== undefined || help !== undefined ? `${id}-more` : undefined
  return (
    <div className={`field ${problem === undefined ? '' : 'invalid'}`}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': problem !== undefined })}
      {described !== undefined && (
        <div id={described} className={problem === undefined ? 'help' : 'problem'}>
          {problem ?? help}
        </div>
      )}
    </div>
  )
}

export function TextField({
  label,
  help,
  problem,
  ...rest
}: FieldShape & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} help={help} problem={problem}>
      {(control) => <input className="input" spellCheck={false} autoComplete="off" {...rest} {...control} />}
    </Field>
  )
}

export function SelectField({
  label,
  help,
  problem,
  children,
  ...rest
}: FieldShape & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} help={help} problem={problem}>
      {(control) => (
        <select className="input" {...rest} {...control}>
          {children}
        </select>
      )}
    </Field>
  )
}

export function CheckField({
  label,
  help,
  ...rest
}: Omit<FieldShape, 'problem'> & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <div className="check-field">
      <input
        type="checkbox"
        id={id}
        aria-describedby={help === undefined ? undefined : `${id}-more`}
        {...rest}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {help !== undefined && (
          <div id={`${id}-more`} className="help">
            {help}
          </div>
        )}
      </div>
    </div>
  )
}
