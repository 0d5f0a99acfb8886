import "./front.ts";
