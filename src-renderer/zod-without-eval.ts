import { z } from 'zod'

// zod probes `new Function`, which the page's CSP forbids and reports. Imported before any schema is made.
z.config({ jitless: true })
