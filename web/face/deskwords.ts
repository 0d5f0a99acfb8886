// What the desk says, as the desk wants it: the catalogue's texts by what they
// are about, and times in words.
import * as r from "./says-report.ts";
import * as t from "./says-desk.ts";
import * as s from "./says-statement.ts";
import { locale } from "./tongue.ts";
import type { About, Action, Card, Category, Outcome, Scope, State } from "./deskwire.ts";

/** The categories, as whoever reported chose them, gravest first. */
export const categories: Record<Category, string> = {
  "threat-to-others": r.category_threat_to_others,
  "child-safety": r.category_child_safety,
  "encouraging-harm": r.category_encouraging_harm,
  "methods": r.category_methods,
  "outing": r.category_outing,
  "sexual": r.category_sexual,
  "facilitator-conduct": r.category_facilitator_conduct,
  "illegal": r.category_illegal,
  "harassment": r.category_harassment,
  "selling": r.category_selling,
  "turn-taking": r.category_turn_taking,
  "other": r.category_other,
};

/** What a case is, in a few words. */
export function what(c: Pick<Card, "kind" | "about" | "category">): string {
  switch (c.kind) {
    case "care": return c.about === "self" ? t.careSelf : c.about === "circle" ? t.aCall : t.careOther;
    case "appeal": return t.anAppeal;
    case "notice": return t.notice;
  }
  if (!c.category) return c.about === "circle" ? t.aCall : about[c.about];
  return categories[c.category];
}

export const about: Record<About, string> = {
  self: t.aboutSelf, person: t.aboutPerson, words: t.aboutWords, facilitator: t.aboutFacilitator, moderator: t.aboutModerator, circle: t.aboutCircle,
};
export const states: Record<State, string> = { raised: t.stateRaised, acknowledged: t.stateAcknowledged, with: t.stateWith, closed: t.stateClosed };
export const outcomes: Record<Outcome, string> = {
  ok: t.outcomeOk, resources: t.outcomeResources, helpline: t.outcomeHelpline, emergency: t.outcomeEmergency, left: t.outcomeLeft,
};
export const soon = [t.soonNow, t.soonMinutes, t.soonTonight, t.soonDays] as const;

interface Doing {
  name: string;
  hint: string;
  facts: string; // a kind sentence to begin with
}

/** What can be done, as a moderator reads it. */
export const doings: Record<Action, Doing> = {
  "none": { name: t.actNone, hint: t.hintNone, facts: t.factsNone },
  "warn": { name: t.actWarn, hint: t.hintWarn, facts: t.factsWarn },
  "take-stick": { name: t.actStick, hint: t.hintStick, facts: t.factsStick },
  "mute": { name: t.actMute, hint: t.hintMute, facts: t.factsMute },
  "quiet-room": { name: t.actQuiet, hint: t.hintQuiet, facts: t.factsQuiet },
  "remove": { name: t.actRemove, hint: t.hintRemove, facts: t.factsRemove },
  "ban": { name: t.actBan, hint: t.hintBan, facts: t.factsBan },
  "close": { name: t.actClose, hint: t.hintClose, facts: t.factsClose },
  "restrict": { name: t.actRestrict, hint: t.hintRestrict, facts: t.factsRestrict },
};
export const scopes: Record<Scope, string> = { circle: t.scopeCircle, series: t.scopeSeries, server: t.scopeServer };

/** What can't be done by a slip: it is asked once more. */
export const sure: Partial<Record<Action, { title: string; say: string; yes: string }>> = {
  ban: { title: t.sureBan, say: t.sureBanSay, yes: t.yesBan },
  remove: { title: t.sureRemove, say: t.sureRemoveSay, yes: t.yesRemove },
  close: { title: t.sureClose, say: t.sureCloseSay, yes: t.yesClose },
};

/** What somebody reads of an action about them, in the statement's own words. */
export function told(action: Action, scope: Scope | undefined): string {
  if (action === "ban") return { circle: s.actionBanCircle, series: s.actionBanSeries, server: s.actionBanServer }[scope ?? "circle"];
  const all: Partial<Record<Action, string>> = {
    "warn": s.actionWarn, "take-stick": s.actionTakeStick, "mute": s.actionMute, "quiet-room": s.actionQuietRoom, "remove": s.actionRemove, "restrict": s.actionRestrict,
  };
  return all[action] ?? "";
}

/** The rules of the house, as a statement says them. */
export const rules: Record<string, string> = {
  "threat-to-others": s.ruleThreatToOthers, "child-safety": s.ruleChildSafety, "encouraging-harm": s.ruleEncouragingHarm, "methods": s.ruleMethods,
  "outing": s.ruleOuting, "sexual": s.ruleSexual, "facilitator-conduct": s.ruleFacilitatorConduct, "illegal": s.ruleIllegal,
  "harassment": s.ruleHarassment, "selling": s.ruleSelling, "turn-taking": s.ruleTurnTaking, "ground-rules": s.ruleGroundRules,
};

/** How the statement is laid out. */
export const statement = { since: s.since, until: s.until, noEnd: s.noEnd, rule: s.rule, facts: s.facts, human: s.human, appeal: s.appealSay };

export const clock = (at: number) => new Date(at).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", numberingSystem: "latn" }).replace(/\s/g, "\u00a0");
export const day = (at: number) => new Date(at).toLocaleDateString(locale, { day: "numeric", month: "long", numberingSystem: "latn" });
export const date = (at: number) => new Date(at).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric", numberingSystem: "latn" });

/** A time today by the clock alone, another with its day. */
export const when = (at: number, now: number) => (day(at) === day(now) ? clock(at) : `${day(at)}, ${clock(at)}`);

/** How long something waits. */
export function waits(ms: number): string {
  const sec = Math.max(0, Math.floor(ms / 1000));
  if (sec < 90) return t.waitsSeconds(sec);
  if (sec < 90 * 60) return t.waitsMinutes(Math.floor(sec / 60));
  if (sec < 36 * 3600) return t.waitsHours(Math.floor(sec / 3600));
  return t.waitsDays(Math.floor(sec / 86400));
}

/** A language's name in the reader's own. */
export function language(tag: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag; // none that the browser knows
  }
}
