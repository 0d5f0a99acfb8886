// Code generated from web/lang/en/door.json by go test ./web/lang -run TestScript -rewrite. DO NOT EDIT.
import { put } from "./tongue.ts";

export const atDoor = "You’re at the door";
export const called = (name: string | number) => `You are called ${put(name)}.`;
export const first = "This is my first time here";
export const firstHint = "Only whoever lets you in sees this, so that they can welcome you.";
export const from = "From whoever keeps the circle";
export const full = "All places are taken just now. You come in by yourself as soon as one is free.";
export const inLine = "You’re in line";
export const isIn = "You are in. Welcome.";
export const leave = "Leave, and come back another time";
export const lets = "Whoever keeps the circle will let you in. You don’t have to do anything.";
export const letsFull = "All places are taken just now, so it may take a while.";
export const lineDown = "The line is down for a moment. Your place in line is kept for two minutes.";
export const notTonight = "Not tonight";
export const notTonightSay = "Whoever looks after the circle can’t let you in tonight. It need not have anything to do with you, and it can be hard all the same. You don’t have to be alone with it: there is somebody to call, now.";
export const nothing = "While you wait you see nothing of the circle, and the circle doesn’t see you. Your name is seen only by those who let you in.";
