"""Signing in and out."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.accounts import SESSION_LIFE, Refusal, sign_in, sign_out
from hub.messages import message
from hub.web.security import is_from_here
from hub.web.visits import (
    HOME,
    SIGN_IN,
    Visit,
    cookie_name,
    is_https,
    is_inside,
    read_form,
    render,
    visitor_of,
)

_STATUS = {Refusal.WRONG: 401, Refusal.TOO_MANY: 429}


async def sign_in_page(request: Request) -> Response:
    form = await read_form(request)
    return await run_in_threadpool(_sign_in if request.method == "POST" else _show, request, form)


def _show(request: Request, _form: FormData) -> Response:
    suite = _suite(request.query_params.get("suite", ""))
    if visitor_of(request) is not None:
        return RedirectResponse(suite, 303)
    keys = [key for key in ("sign-in.needed", "sign-in.out") if key == _notice(request)]
    return _page(request, suite, note=message(keys[0]) if keys else "")


def _notice(request: Request) -> str:
    if "sorti" in request.query_params:
        return "sign-in.out"
    return "sign-in.needed" if "suite" in request.query_params else ""


def _sign_in(request: Request, form: FormData) -> Response:
    if not is_from_here(request):
        return render(request, "erreur.html", {"sentence": message("request.foreign")}, 403)
    email, password = str(form.get("adresse", "")), str(form.get("mot_de_passe", ""))
    suite = _suite(str(form.get("suite", "")))
    state = request.app.state
    # Behind a reverse proxy this is the visitor's own address as long as the proxy runs on the same
    # machine and sets X-Forwarded-For: uvicorn believes that header from 127.0.0.1 alone. From
    # elsewhere (a container) name the proxy in FORWARDED_ALLOW_IPS, or all visitors count as one.
    address = request.client.host if request.client else ""
    outcome = sign_in(state.store, state.passwords, email, password, address, state.clock())
    if isinstance(outcome, Refusal):
        error = message(f"sign-in.{outcome.value}")
        return _page(request, suite, email=email, error=error, status_code=_STATUS[outcome])
    response = RedirectResponse(suite, 303)
    response.set_cookie(
        cookie_name(request),
        outcome,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        secure=is_https(request),
        samesite="lax",
    )
    return response


def _suite(path: str) -> str:
    return path if is_inside(path) and not path.startswith(SIGN_IN) else HOME


def _page(
    request: Request,
    suite: str,
    *,
    email: str = "",
    error: str = "",
    note: str = "",
    status_code: int = 200,
) -> Response:
    context = {"suite": suite, "email": email, "error": error, "note": note}
    return render(request, "connexion.html", context, status_code)


def leave(visit: Visit) -> Response:
    request = visit.request
    with visit.store.write() as session:
        sign_out(session, request.cookies.get(cookie_name(request), ""))
    response = RedirectResponse(f"{SIGN_IN}?sorti=1", 303)
    response.delete_cookie(cookie_name(request), secure=is_https(request), httponly=True)
    return response
