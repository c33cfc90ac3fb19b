import { secureHeaders } from 'hono/secure-headers';

/** The console is served from here alone, talks to here alone, and may not be framed. */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    // The console's component library sets sizes through style attributes.
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  // It would bind every other service of this host name to TLS as well, on whatever port.
  strictTransportSecurity: false,
});
