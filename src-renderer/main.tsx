import { createRoot } from "react-dom/client";
import { navigate } from "wouter/use-hash-location";
import "./app/styles.ts";
import { App } from "./app/App.tsx";
import { startState } from "./state/start.ts";

const root = document.querySelector("#root");
if (!root) throw new Error('index.html has no element with id "root".');

await startState((route) => navigate(route));
createRoot(root).render(<App />);
