/** Characters that make a spreadsheet take a cell for a formula. */
const formula = /^[=+\-@\t\r]/

/**
 * Rows as CSV, lines ended by CRLF. Text that a spreadsheet would take for a formula stands behind an apostrophe: it may
 * come from outside.
 * @see RFC 4180
 */
export function csvLines(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('')
}

function cellOf(value: string | number | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
