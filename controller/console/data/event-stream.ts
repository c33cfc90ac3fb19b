import { useEffect, useEffectEvent, useState } from 'react';

export type Connection = 'connecting' | 'open' | 'lost';

// A stream that was refused (a session that ended, a restart behind a proxy) is tried again this much later.
const retryMs = 3000;

/**
 * Listens to a stream of server-sent events while this tab is in view: a browser allows six connections to one host
 * over HTTP/1.1, and tabs in the background would use them up. The server says everything again when we come back.
 *
 * @param url - undefined: listen to nothing.
 */
export function useEventStream(
  url: string | undefined,
  events: readonly string[],
  onEvent: (name: string, data: unknown) => void,
): Connection {
  const [connection, setConnection] = useState<Connection>('connecting');
  const deliver = useEffectEvent(onEvent);
  const names = events.join(' ');

  useEffect(() => {
    if (url === undefined) return;
    let source: EventSource | undefined;
    let retry: number | undefined;

    function open(): void {
      close();
      if (document.hidden || url === undefined) return;
      source = new EventSource(url);
      source.onopen = () => setConnection('open');
      source.onerror = () => {
        setConnection('lost');
        // CONNECTING: the browser tries again by itself.
        if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(open, retryMs);
      };
      for (const name of names.split(' ')) {
        source.addEventListener(name, (event: MessageEvent<string>) => deliver(name, JSON.parse(event.data)));
      }
    }

    function close(): void {
      window.clearTimeout(retry);
      source?.close();
    }

    open();
    document.addEventListener('visibilitychange', open);
    return () => {
      close();
      document.removeEventListener('visibilitychange', open);
    };
  }, [url, names]);

  return connection;
}
