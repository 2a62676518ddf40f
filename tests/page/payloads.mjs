// 200 texts that would run, load or break something if any of them were ever taken for more than text.
const code = 'window.__ran=1';
const forms = [
  (n) => `<script>${code}</script>`, (n) => `<img src=x onerror="${code}">`, (n) => `<svg onload=${code}>`, (n) => `<svg><script>${code}</script></svg>`,
  (n) => `<iframe srcdoc="<script>parent.__ran=1</script>"></iframe>`, (n) => `<body onload=${code}>`, (n) => `<details open ontoggle=${code}>`,
  (n) => `<a href="javascript:${code}" id=p${n}>x</a>`, (n) => `javascript:${code}//`, (n) => `"><script>${code}</script>`, (n) => `'-(${code})-'`,
  (n) => `\`\${${code}}\``, (n) => `{{constructor.constructor('${code}')()}}`, (n) => `</textarea><script>${code}</script>`, (n) => `</title><script>${code}</script>`,
  (n) => `--><script>${code}</script>`, (n) => `]]><script>${code}</script>`, (n) => `<math><mtext><img src=x onerror=${code}></mtext></math>`,
  (n) => `<style>@import url(//evil${n}.example/x.css);body{width:9999px}</style>`, (n) => `<link rel=stylesheet href=//evil${n}.example/x.css>`,
  (n) => `<img src=//evil${n}.example/x.png>`, (n) => `<video src=//evil${n}.example/v><source onerror=${code}></video>`, (n) => `<base href=//evil${n}.example/>`,
  (n) => `<meta http-equiv=refresh content="0;url=//evil${n}.example/">`, (n) => `<form action=//evil${n}.example/><input autofocus onfocus=${code}>`,
  (n) => `<object data="data:text/html,<script>${code}</script>"></object>`, (n) => `<embed src="data:image/svg+xml,<svg onload='${code}'/>">`,
  (n) => `\u202e<script>${code}</script>\u202c`, (n) => `\u2066<b onclick=${code}>\u2069`, (n) => `&lt;script&gt;${code}&lt;/script&gt;`,
  (n) => `\\u003cscript\\u003e${code}\\u003c/script\\u003e`, (n) => `%3Cscript%3E${code}%3C/script%3E`, (n) => `data: x\n\nevent: transition\ndata: {"to":"${code}"}`,
  (n) => `A${'W'.repeat(400)}${n}`, (n) => `${'अ'.repeat(400)}${n}`, (n) => `${'ক্ষ'.repeat(200)}${n}`, (n) => `${'a\u0300\u0301\u0302'.repeat(60)}${n}`,
  (n) => `${'😀'.repeat(150)}`, (n) => `<marquee onstart=${code} width=9999>x</marquee>`, (n) => `<table width=9999 background=//evil${n}.example/><td>x</table>`,
];
const count = 200;
export const payloads = Array.from({ length: count }, (_, n) => `${forms[n % forms.length](n)} ${n}`);
