import type { RunProgress } from '../../proto/gen/ascend/v1/run.ts';
import type { Feed } from '../feed.ts';
import type { Progress } from './run.ts';

/** Where running runs stand: the newest value of each, in memory, gone when the run ends. */
export class ProgressBoard {
  readonly #feed: Feed;
  readonly #newest = new Map<string, Progress>();

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  post(news: RunProgress, receivedAt: Date): void {
    const progress = {
      runId: news.runId,
      step: news.step,
      activity: news.activity,
      doneBytes: Number(news.doneBytes),
      totalBytes: Number(news.totalBytes),
      bytesPerSecond: Number(news.bytesPerSecond),
      secondsLeft: news.secondsLeft ?? null,
      at: (news.at ?? receivedAt).toISOString(),
    };
    this.#newest.set(news.runId, progress);
    this.#feed.publish({ topic: 'progress', id: news.runId, progress });
  }

  newest(runId: string): Progress | null {
    return this.#newest.get(runId) ?? null;
  }

  clear(runId: string): void {
    this.#newest.delete(runId);
  }
}
