// What a moderator decided about whoever reads this, and why: a card in the
// room, and a part of the page after it. It is loaded only when there is
// something to tell; what it needs of the circle's page is there by then. A
// page made by the house says the same of the same texts (statement.html).
import "./circle.ts";
import type { Card } from "./cards.ts";
import { $, h, text } from "./dom.ts";
import * as s from "./says-statement.ts";
import { locale } from "./tongue.ts";
import type { Statement } from "./wire.ts";

const said = s as unknown as Record<string, string | undefined>;
const camel = (name: string) => name.replace(/(?:^|-)(.)/g, (_, c: string) => c.toUpperCase());
const at = (ms: number) => new Date(ms).toLocaleString(locale, { dateStyle: "long", timeStyle: "short", numberingSystem: "latn" });
const day = (ms: number) => new Date(ms).toLocaleDateString(locale, { dateStyle: "long", numberingSystem: "latn" });

/** A statement in sentences. */
function says(st: Statement): string[] {
  return [
    said[`action${camel(st.action)}${camel(st.scope ?? "")}`],
    st.facts && `${s.facts}: ${st.facts}`,
    `${s.since} ${at(st.from)}.${st.until ? ` ${s.until} ${at(st.until)}.` : ""}${st.action === "ban" && !st.until ? ` ${s.noEnd}` : ""}`,
    `${s.rule}: ${said[`rule${camel(st.rule)}`] ?? ""}`,
    s.human,
    st.appeal && st.appealUntil && `${s.appealTitle}: ${s.appealSay(day(st.appealUntil))}`,
    s.help,
  ].filter((v): v is string => !!v);
}

const where = (st: Statement) => `/appeal#${st.appeal ?? ""}`;

/** The card in the room: open until its reader closes it, and to be opened again. */
export function toldCard(st: Statement): Card {
  const appeal = { key: "appeal", label: s.appeal, do: () => void open(where(st), "_blank", "noopener") };
  return { key: `told-${st.id}`, title: s.title, say: says(st), acts: st.appeal ? [appeal] : [], close: true, fold: "open" };
}

/** The same on the page after the room. */
export function toldAfter(st: Statement): void {
  const title = h("h2", { id: "told-after" }, s.title);
  const lines = says(st).filter((say) => say !== s.help).map((say) => h("p", { dir: "auto" }, say));
  const link = st.appeal && h("a", { class: "button", href: where(st), target: "_blank", rel: "noopener" }, s.appeal);
  $("after-say").after(h("section", { class: "card stack", "aria-labelledby": title.id }, title, ...lines, link && h("p", { class: "row" }, link)));
  text($("after-say"), s.help); // what else it says is of a removal by whoever keeps the circle
  text($("polite"), s.news);
}
