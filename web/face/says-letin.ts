// Code generated from web/lang/en/letin.json by go test ./web/lang -run TestScript -rewrite. DO NOT EDIT.
import { of, put } from "./tongue.ts";

export const all = "Let all in";
export const away = "line dropped";
export const first = "first time";
export const fold = "Fold away";
export const fullSay = "Whoever is in line comes in by themselves when a place is free.";
export const fullTitle = (n: number) => of(n, { one: "All places are taken, and one person is in line", other: `All places are taken, and ${put(n)} people are in line`, });
export const inLine = "waits for a place";
export const letIn = "Let in";
export const letInName = (name: string | number) => `Let ${put(name)} in`;
export const listens = "just listens";
export const more = (n: number) => of(n, { one: "And one more.", other: `And ${put(n)} more.`, });
export const moreFor = (name: string | number) => `More for ${put(name)}`;
export const notSay = "They are told kindly that it isn’t possible tonight, with somebody to call. They can’t come to the door of this gathering again.";
export const notTitle = (name: string | number) => `Not let ${put(name)} in tonight?`;
export const notTonight = "Not tonight…";
export const notYes = "Not tonight";
export const say = "Say something kind…";
export const sayLabel = (name: string | number) => `Only ${put(name)} sees this`;
export const sayOk = "Send it";
export const sayTitle = (name: string | number) => `To ${put(name)}, at the door`;
export const soon = "Hello, it’s good that you’re here. It will be a few minutes, then you come in.";
export const told = "you wrote to them";
export const turn = "Hello, it’s good that you’re here. Somebody is speaking; you come in when they are done.";
export const waiting = (n: number) => of(n, { one: "One person is waiting at the door", other: `${put(n)} people are waiting at the door`, });
