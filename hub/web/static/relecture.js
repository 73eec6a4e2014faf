// Améliorations seulement : chaque page se lit et sert sans ce fichier.
const $$ = (s, r = document) => [...r.querySelectorAll(s)];

// Touches a, l, r : jamais pendant la frappe, ni avec une autre touche tenue.
addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat || e.defaultPrevented) return;
  if (e.target.closest('input, textarea, select, [contenteditable]')) return;
  const cible = document.querySelector(`[data-touche="${CSS.escape(e.key.toLowerCase())}"]`);
  if (!cible) return;
  e.preventDefault();
  if (cible.matches('details')) { cible.open = true; cible.querySelector('select').focus(); } else cible.click();
});

// Une ligne de plus sans aller au serveur.
for (const zone of $$('[data-lignes]')) zone.querySelector('[data-ajoute]').addEventListener('click', e => {
  e.preventDefault();
  const lignes = $$('.r-ligne', zone), derniere = lignes.at(-1), copie = derniere.cloneNode(true);
  for (const p of $$('p', copie)) p.remove();
  for (const champ of $$('input, select', copie)) {
    if (champ.matches('input')) champ.value = ''; else champ.selectedIndex = 0;
    champ.removeAttribute('id'); champ.removeAttribute('aria-invalid'); champ.removeAttribute('aria-describedby');
    const nom = champ.getAttribute('aria-label');
    if (nom) champ.setAttribute('aria-label', nom.replace(/\d+/, lignes.length + 1));
  }
  derniere.after(copie);
  copie.querySelector('input').focus();
});

// Partir avec un texte non enregistré : le navigateur demande.
const texte = document.getElementById('redaction');
if (texte) {
  let change = false;
  texte.addEventListener('input', () => { change = true; });
  texte.addEventListener('submit', () => { change = false; });
  addEventListener('beforeunload', e => { if (change) e.preventDefault(); });
}

// Après une erreur, la lecture commence là où il faut agir.
document.querySelector('.r-fautes')?.focus();
