// Améliorations seulement : chaque page se lit et sert sans ce fichier.
const $$ = (s, r = document) => [...r.querySelectorAll(s)];

// Accueil : la liste déroulante mène à la fiche.
const choix = document.querySelector('[data-choix]');
choix?.addEventListener('submit', e => { e.preventDefault(); location.href = choix.querySelector('select').value; });

for (const b of $$('[data-imprimer]')) b.addEventListener('click', () => print());

// Paragraphe du mémoire technique : un bouton pour le copier.
for (const bloc of $$('.h-prose > blockquote')) {
  const p = document.createElement('p'), b = document.createElement('button'), mot = 'Copier le paragraphe';
  p.className = 'h-copie h-noprint'; b.className = 'h-btn'; b.type = 'button'; b.textContent = mot;
  b.setAttribute('aria-live', 'polite');
  b.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(bloc.innerText.trim()); }
    catch { getSelection().selectAllChildren(bloc); b.textContent = 'Texte sélectionné : Ctrl + C'; return; }
    b.dataset.fait = ''; b.textContent = 'Copié';
    setTimeout(() => { delete b.dataset.fait; b.textContent = mot; }, 4000);
  });
  p.append(b); bloc.after(p);
}

// Cases cochées : gardées dans le navigateur, jamais envoyées.
const cases = $$('.h-faire input'), compte = document.querySelector('[data-compte]');
if (compte) {
  const cle = 'a-faire:' + location.pathname;
  let fait = []; try { fait = JSON.parse(localStorage.getItem(cle)) || []; } catch {}
  const dire = () => compte.textContent = `${cases.filter(c => c.checked).length} sur ${cases.length} fait`;
  for (const c of cases) {
    c.checked = fait.includes(c.id);
    c.addEventListener('change', () => {
      try { localStorage.setItem(cle, JSON.stringify(cases.filter(c => c.checked).map(c => c.id))); } catch {}
      dire();
    });
  }
  dire();
}

// « dans 23 jours » : une page écrite d’avance ne peut pas le dire, le navigateur si. Une démonstration
// compte depuis le jour qu’elle joue.
const enUTC = jour => { const [a, m, j] = jour.split('-').map(Number); return Date.UTC(a, m - 1, j); };
const joue = document.querySelector('[data-jour]')?.dataset.jour, t = new Date();
const ceJour = joue ? enUTC(joue) : Date.UTC(t.getFullYear(), t.getMonth(), t.getDate());
for (const e of $$('[data-dans]')) {
  const n = Math.round((enUTC(e.dataset.dans) - ceJour) / 864e5);
  if (n === 0) e.textContent = ', aujourd’hui';
  else if (n > 0 && n <= 365) e.textContent = `, dans ${n} jour${n > 1 ? 's' : ''}`;
}
