/** Asks for a file of the user's choice. @returns its bytes in base64; null: none was chosen */
export function pickFile(accept: string): Promise<string | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  return new Promise((resolve, reject) => {
    input.addEventListener('cancel', () => resolve(null))
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      if (file === undefined) resolve(null)
      else base64Of(file).then(resolve, reject)
    })
    input.click()
  })
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('error', () => reject(reader.error ?? new Error('the file can not be read')))
    // data:…;base64,…
    reader.addEventListener('load', () =>
      resolve(typeof reader.result === 'string' ? (reader.result.split(',', 2)[1] ?? '') : ''),
    )
    reader.readAsDataURL(file)
  })
}
