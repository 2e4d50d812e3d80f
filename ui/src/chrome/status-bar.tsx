/** The bar at the foot: links, what the book's proof is, rates, latency, recorder, disk. */

import { createMemo, Index, type JSX, Show } from "solid-js";
import { formatBytes, formatCount, formatMilliseconds } from "../format";
import type { Status } from "../gen/Status";
import { LinkItems } from "./link-items";
import { troubledLink } from "./link-words";
import { proofWords } from "./proof";
import type { Chrome } from "./state";
import { Figure } from "./words";

/** The status bar, 24 px. */
export function StatusBar(props: { chrome: Chrome }): JSX.Element {
  const status = () => props.chrome.status();
  const trouble = createMemo(() => troubledLink(status()?.links ?? []));
  return (
    <footer class="status-bar" data-test="status-bar">
      <div class="items">
        <Show when={status()?.transport}>
          {(transport) => (
            <span class="item is-playing" title={transport().name}>
              <span class="dot is-replay" /> {transport().is_rewind ? "Rewound" : "Replay"}{" "}
              <span class="mono is-replay">{transport().name}</span>
              <Show when={damageWords(status())}>
                {(words) => (
                  <span class="is-warn" data-test="damage">
                    {words()}
                  </span>
                )}
              </Show>
            </span>
          )}
        </Show>
        <LinkItems chrome={props.chrome} />
        <Facts chrome={props.chrome} />
      </div>
      <div class="items is-right" classList={{ "is-brief": trouble() !== undefined }}>
        <RightFacts chrome={props.chrome} />
      </div>
    </footer>
  );
}

/** What is missing of the recording; of one that is still written, and of a rewound session, nothing is. */
function damageWords(status: Status | null): string {
  const transport = status?.transport ?? null;
  if (transport === null || transport.is_rewind) return "";
  return transport.path === status?.recorder.path ? "still being recorded" : transport.damage;
}

function Facts(props: { chrome: Chrome }): JSX.Element {
  const status = () => props.chrome.status();
  const instrument = () => status()?.instrument ?? null;
  const proof = createMemo(() => proofWords(instrument(), props.chrome.staleAge()));
  return (
    <>
      <span class="item gives-way">
        <Figure text={formatCount(status()?.messages_per_second ?? 0)} /> packets/s
      </span>
      <Show when={instrument()}>
        {(chosen) => (
          <>
            <span class="item" classList={{ [`is-${proof().tone}`]: true }} data-test="proof">
              Book <span class="mono">{proof().text}</span>
            </span>
            <span class="item gives-way" classList={{ "is-warn": chosen().n_gaps > 0 }}>
              Gaps <Figure text={formatCount(chosen().n_gaps)} />
            </span>
          </>
        )}
      </Show>
    </>
  );
}

function RightFacts(props: { chrome: Chrome }): JSX.Element {
  const status = () => props.chrome.status();
  const recorder = () => status()?.recorder;
  const facts = createMemo(() => {
    const latency = status()?.latency ?? null;
    const disk = recorder()?.disk_free_bytes;
    const list: { name: string; text: string; title: string }[] = [];
    if (latency !== null) {
      const text = `${formatMilliseconds(latency.p50_ms)} / ${formatMilliseconds(latency.p99_ms)}`;
      list.push({
        name: "Latency",
        text,
        title: "From receipt to the frame that shows it: median / 99th percentile",
      });
    }
    if (disk !== undefined && disk > 0) {
      list.push({
        name: "Disk",
        text: `${formatBytes(disk)} free`,
        title: "Free where recordings are kept",
      });
    }
    return list;
  });
  return (
    <>
      <Show when={recorder()}>
        {(known) => (
          <span
            class="item"
            classList={{ "is-warn": known().sentence !== "" }}
            title={known().sentence === "" ? known().path : known().sentence}
            data-test="recorder"
          >
            {known().is_on ? "Recording" : "Not recording"}{" "}
            <Show when={known().is_on}>
              <span class="mono">{formatBytes(known().bytes)}</span>
            </Show>
          </span>
        )}
      </Show>
      <Index each={facts()}>
        {(fact) => (
          <span class="item gives-way" title={fact().title}>
            {fact().name} <span class="mono">{fact().text}</span>
          </span>
        )}
      </Index>
      <Show when={props.chrome.isDemo()}>
        <span class="item is-demo" data-test="demo-data">
          Demo data
        </span>
      </Show>
    </>
  );
}
