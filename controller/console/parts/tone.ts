/** How something is, in five colours; always with a word beside it, since not everybody sees colours. */
export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'idle';
