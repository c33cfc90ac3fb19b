/** Which agents have a session now. In memory: after a restart nobody is connected until they dial in again. */
export class Presence {
  readonly #online = new Set<string>();

  isOnline(agentId: string): boolean {
    return this.#online.has(agentId);
  }

  /** @returns whether that is news. */
  arrived(agentId: string): boolean {
    const news = !this.#online.has(agentId);
    this.#online.add(agentId);
    return news;
  }

  left(agentId: string): void {
    this.#online.delete(agentId);
  }
}
