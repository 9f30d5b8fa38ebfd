import { mount } from 'svelte'
import App from './App.svelte'
import { Lab } from './runs/lab.svelte.ts'
import './ui/layout/tokens.css'
import './ui/layout/base.css'

const lab = new Lab()
const target = document.getElementById('app')
if (target) mount(App, { target, props: { lab } })
void lab.start(window.location.hash)
