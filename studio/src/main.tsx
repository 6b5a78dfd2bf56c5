import { render } from "preact";
import { App } from "./app";
import { start } from "./watch";
import "./style.css";

render(<App />, document.getElementById("studio")!);
start();
