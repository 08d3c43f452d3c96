import { useState } from 'react'
import { useServices } from '../../app/services.ts'
import { Button } from '../../parts/button.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Notice } from '../../parts/notice.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { TextFileButton } from '../../parts/text-file.tsx'
import { sentenceOf } from '../../stores/problem.ts'
import { ImportDialog } from './import-dialog.tsx'

/** The configuration as a file, out and in. */
export function Transfer() {
  const { call } = useServices()
  const [format, setFormat] = useState<'yaml' | 'json'>('yaml')
  const [passphrase, setPassphrase] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [text, setText] = useState<string | null>(null)
  const save = (): void => {
    const asked = { format, ...(passphrase === '' ? {} : { passphrase }) }
    call('configuration.export-encrypted', asked).then(
      (content) => {
        setProblem(null)
        saveFile(content, `hookbench.${format}`)
      },
      (error: unknown) => setProblem(sentenceOf(error)),
    )
  }
  return (
    <section className="card" aria-label="Export and import">
      <header className="card-head">
        <h2>Export and import</h2>
      </header>
      <div className="pad form">
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <div className="field-row">
          <SelectField
            label="Format"
            value={format}
            onChange={(event) => setFormat(event.target.value as typeof format)}
          >
            <option value="yaml">YAML</option>
            <option value="json">JSON</option>
          </SelectField>
          <TextField
            label="Passphrase"
            type="password"
            help="Empty: secrets are left out, as ${NAME}."
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
        </div>
        <div className="form-foot">
          <Button onClick={save}>Export the configuration</Button>
          <TextFileButton label="Configuration to import" accept=".yaml,.yml,.json" onText={setText}>
            Import a file …
          </TextFileButton>
        </div>
      </div>
      {text !== null && <ImportDialog text={text} onClose={() => setText(null)} />}
    </section>
  )
}
