// Améliorations seulement : chaque page se lit et sert sans ce fichier.
const $$ = (s, r = document) => [...r.querySelectorAll(s)];

// Touches a, l, r : éteintes tant qu’on ne les demande pas, et jamais pendant la frappe.
const choix = document.getElementById('raccourcis');
if (choix) {
  const montre = () => document.body.classList.toggle('r-au-clavier', choix.checked);
  try { choix.checked = localStorage.getItem('raccourcis') === 'oui'; } catch { /* pas de mémoire : éteints */ }
  choix.addEventListener('change', () => {
    montre();
    try { localStorage.setItem('raccourcis', choix.checked ? 'oui' : 'non'); } catch { /* pour cette page seulement */ }
  });
  choix.parentElement.hidden = false;
  montre();
}
addEventListener('keydown', e => {
  if (!choix?.checked || e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.defaultPrevented) return;
  if (e.target !== choix && e.target.closest('input, textarea, select, [contenteditable]')) return;
  const cible = document.querySelector(`[data-touche="${CSS.escape(e.key.toLowerCase())}"]`);
  if (!cible) return;
  e.preventDefault();
  if (cible.matches('details')) { cible.open = true; cible.querySelector('select').focus(); } else cible.click();
});

// Une ligne de plus ou de moins sans aller au serveur.
const vide = ligne => {
  for (const p of $$('p', ligne)) p.remove();
  for (const champ of $$('input, select', ligne)) {
    if (champ.matches('input')) champ.value = ''; else champ.selectedIndex = 0;
    champ.removeAttribute('aria-invalid'); champ.removeAttribute('aria-describedby');
  }
};
const numerote = zone => $$('.r-ligne', zone).forEach((ligne, i) => {
  for (const champ of $$('[aria-label]', ligne)) champ.setAttribute('aria-label', champ.getAttribute('aria-label').replace(/\d+/, i + 1));
  for (const mot of $$('[data-numero]', ligne)) mot.textContent = i + 1;
});
for (const zone of $$('[data-lignes]')) zone.addEventListener('click', e => {
  const bouton = e.target.closest('[data-ajoute], [data-retire]');
  if (!bouton) return;
  e.preventDefault();
  const lignes = $$('.r-ligne', zone);
  let suite;
  if (bouton.matches('[data-ajoute]')) {
    const copie = lignes.at(-1).cloneNode(true);
    vide(copie);
    for (const champ of $$('[id]', copie)) champ.removeAttribute('id');
    lignes.at(-1).after(copie);
    suite = copie;
  } else {
    const ligne = bouton.closest('.r-ligne');
    suite = lignes[lignes.indexOf(ligne) + 1] ?? lignes[lignes.indexOf(ligne) - 1] ?? ligne;
    if (lignes.length > 1) ligne.remove(); else vide(ligne);
    zone.dispatchEvent(new Event('input', { bubbles: true }));
  }
  numerote(zone);
  suite.querySelector('input').focus();
});

// Partir avec un texte non enregistré : le navigateur demande.
const texte = document.getElementById('redaction');
if (texte) {
  let change = texte.matches('[data-change]');
  texte.addEventListener('input', () => { change = true; });
  texte.addEventListener('submit', () => { change = false; });
  addEventListener('beforeunload', e => { if (change) e.preventDefault(); });
}

// Après une erreur, la lecture commence là où il faut agir.
document.querySelector('.r-fautes')?.focus();
