/** What may be journaled: plain JSON, so that the next version of the agent can still read it. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };
