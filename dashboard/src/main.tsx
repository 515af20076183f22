import { render } from "preact";
import "./style/page.css";
import "./style/parts.css";
import "./style/tables.css";
import "./style/overview.css";
import { follow } from "./api/live.ts";
import { App } from "./app.tsx";

follow();
render(<App />, document.getElementById("page")!);
