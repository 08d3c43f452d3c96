import { invalidInput } from '../../src-shared/errors.ts'

/**
 * What a user typed into a search box, as phrases that must all be found. Words stand for beginnings of words, words in
 * quotes for themselves in that order. There is no other syntax, so that nothing typed can be slow or an error of the
 * index.
 */
export interface SearchPhrase {
  readonly words: string
  /** The last word may go on: `conta` finds `contact`. */
  readonly prefix: boolean
}

const longestQuery = 200
const mostPhrases = 16

/** @throws AppError `invalid_input` for an open quote, or when there is nothing to look for */
export function parseSearch(text: string): SearchPhrase[] {
  if (text.length > longestQuery) throw invalidSearch(`is longer than ${longestQuery} characters`)
  const phrases: SearchPhrase[] = []
  let rest = text.trim()
  while (rest !== '') {
    const quoted = rest.startsWith('"')
    const end = quoted ? rest.indexOf('"', 1) : rest.search(/[\s"]|$/)
    if (end === -1) throw invalidSearch('has a quotation mark that is not closed')
    const words = rest.slice(quoted ? 1 : 0, end)
    // What has neither letters nor digits is not in the index.
    if (/[\p{L}\p{N}]/u.test(words)) phrases.push({ words, prefix: !quoted })
    rest = rest.slice(quoted ? end + 1 : end).trimStart()
  }
  if (phrases.length === 0) throw invalidSearch('has no letters or digits to look for')
  if (phrases.length > mostPhrases) throw invalidSearch(`has more than ${mostPhrases} words`)
  return phrases
}

function invalidSearch(reason: string): Error {
  return invalidInput(`q: the search ${reason}`, [{ path: 'q', message: reason }])
}
