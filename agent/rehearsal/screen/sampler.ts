/** Looks at a twin's screen again and again: what it says, what it looks like, and a picture for every change. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Qmp } from '../qemu/qmp.ts';
import { readFont, textOf, type Font } from './glyphs.ts';
import { lookOf, type ScreenLook } from './look.ts';
import { readPpm, type Picture } from './picture.ts';
import { TEXT_WINDOW, textModeText } from './text-mode.ts';

export interface Shot {
  /** Name of a PNG file. */
  file: string;
  atSeconds: number;
}

export interface ScreenState {
  text: string | undefined;
  look: ScreenLook | undefined;
  lookSeconds: number;
}

// 1280 x 800 in PNG is 4 to 400 KB: forty of them are evidence enough, and end what a flickering guest can fill.
const MOST_SHOTS = 40;
// A blinking cursor is no news: what reads and looks the same is taken every half a minute only.
const SHOT_INTERVAL_MS = { news: 5000, same: 30_000 } as const;

export class ScreenSampler {
  readonly #qmp: Qmp;
  readonly #folder: string;
  readonly #shotFolder: string;
  readonly #startedAt = Date.now();
  readonly #font: Promise<Font | undefined> = readFont();
  #print = '';
  #lookSince = Date.now();
  #shotAt = 0;
  #state: { text: string | undefined; look: ScreenLook | undefined } = { text: undefined, look: undefined };
  readonly shots: Shot[] = [];

  /** `folder`: for dumps on their way; `shotFolder`: where the pictures stay. */
  constructor(qmp: Qmp, folder: string, shotFolder: string) {
    this.#qmp = qmp;
    this.#folder = folder;
    this.#shotFolder = shotFolder;
  }

  get state(): ScreenState {
    return { ...this.#state, lookSeconds: (Date.now() - this.#lookSince) / 1000 };
  }

  async sample(): Promise<void> {
    const picture = await this.#dump();
    const print = createHash('sha256').update(picture.pixels).digest('base64');
    if (print === this.#print) return;
    this.#print = print;
    const look = lookOf(picture);
    if (look !== this.#state.look) this.#lookSince = Date.now();
    const text = await this.#read(picture, look);
    const isNews = look !== this.#state.look || text !== this.#state.text || look === 'picture';
    this.#state = { look, text };
    if (Date.now() - this.#shotAt >= SHOT_INTERVAL_MS[isNews ? 'news' : 'same']) await this.shoot();
  }

  async shoot(): Promise<void> {
    if (this.shots.length >= MOST_SHOTS) return;
    this.#shotAt = Date.now();
    const atSeconds = Math.round((this.#shotAt - this.#startedAt) / 1000);
    const file = `screen-${String(this.shots.length + 1).padStart(2, '0')}-${atSeconds}s.png`;
    await this.#qmp.execute('screendump', { filename: path.join(this.#shotFolder, file), format: 'png' });
    this.shots.push({ file, atSeconds });
  }

  async #dump(): Promise<Picture> {
    const file = path.join(this.#folder, 'screen.ppm');
    await this.#qmp.execute('screendump', { filename: file, format: 'ppm' });
    const picture = readPpm(await readFile(file));
    await rm(file);
    return picture;
  }

  /** Text mode is 720 x 400, nine dots a character: what it shows lies in memory, better than in any picture. */
  async #read(picture: Picture, look: ScreenLook): Promise<string | undefined> {
    if (picture.width === 720 && picture.height === 400) return this.#readMemory();
    const font = await this.#font;
    return look === 'text' && font ? textOf(picture, font) : undefined;
  }

  async #readMemory(): Promise<string> {
    const file = path.join(this.#folder, 'text.bin');
    const window = { val: TEXT_WINDOW.address, size: TEXT_WINDOW.bytes };
    await this.#qmp.execute('pmemsave', { ...window, filename: file });
    const text = textModeText(await readFile(file));
    await rm(file);
    return text;
  }
}
