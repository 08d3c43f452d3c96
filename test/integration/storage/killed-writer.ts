/** What the writing process and the test that kills it agree on: every fifth payload is a body file. */
export const payloadBytes = (n: number): number => (n % 5 === 0 ? 3000 : 300)
