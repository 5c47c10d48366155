import { mount } from "svelte";
import App from "./App.svelte";
import { page } from "./state.svelte";
import "./style.css";

const target = document.getElementById("app");
void page.speak(page.language).then(() => { if (target) mount(App, { target }); });
