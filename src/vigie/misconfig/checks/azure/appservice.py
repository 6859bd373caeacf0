"""Checks of App Service."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.appservice import App, FunctionApp
from vigie.misconfig.value import Attribute

OLD_PHP = ("7.0", "7.1", "7.2", "7.3", "7.4", "8.0")
OLD_PYTHON = ("2.7", "3.7", "3.8")


@check(
    "AZU-0001",
    "azure.appservice.services",
    severity="LOW",
    code="require-client-cert",
    title="Web apps should ask clients for a certificate",
    why="Client certificates let an app refuse everybody who was not given one before a single line of it runs.",
    fix="Set client_certificate_enabled (client_cert_enabled in azurerm_app_service) to true.",
    references=("https://learn.microsoft.com/azure/app-service/app-service-web-configure-tls-mutual-auth",),
)
def client_certificates(app: App) -> Flaws:
    if app.enable_client_cert.is_false:
        yield flaw("Web app asks for no client certificates.", app.enable_client_cert)


@check(
    "AZU-0002",
    "azure.appservice.services",
    severity="LOW",
    code="account-identity-registered",
    title="Web apps should have a managed identity",
    why="An app without an identity of its own needs passwords or keys to reach other services, which have to be "
    "stored, and can leak.",
    fix="Add an identity block, of type SystemAssigned for example.",
    references=("https://learn.microsoft.com/azure/app-service/overview-managed-identity",),
)
def managed_identity(app: App) -> Flaws:
    if app.identity.type.is_empty:
        yield flaw("Web app has no managed identity.", app.identity.type)


@check(
    "AZU-0003",
    "azure.appservice.services",
    severity="MEDIUM",
    code="authentication-enabled",
    title="Web apps should authenticate users",
    why="The platform can turn away unknown users in front of the app. Without that, everything depends on the app's "
    "own code.",
    fix="Add an auth_settings block with enabled set to true, or auth_settings_v2 with auth_enabled.",
    references=("https://learn.microsoft.com/azure/app-service/overview-authentication-authorization",),
)
def authentication(app: App) -> Flaws:
    if not app.authentication.enabled.is_true:
        yield flaw("Web app does not authenticate users.", app.authentication.enabled)


@check(
    "AZU-0004",
    "azure.appservice.function_apps",
    severity="CRITICAL",
    code="enforce-https",
    title="Function apps should accept HTTPS only",
    why="Requests over plain HTTP, with their keys and data, can be read and changed on the way.",
    fix="Set https_only to true.",
    references=("https://learn.microsoft.com/azure/azure-functions/security-concepts",),
)
def functions_https_only(app: FunctionApp) -> Flaws:
    if not app.https_only.is_true:
        yield flaw("Function app accepts plain HTTP.", app.https_only)


@check(
    "AZU-0005",
    "azure.appservice.services",
    severity="LOW",
    code="enable-http2",
    title="Web apps should speak HTTP/2",
    why="HTTP/1.1 is slower, and open to attacks such as request smuggling that HTTP/2 does away with.",
    fix="Set http2_enabled to true in site_config.",
    references=("https://learn.microsoft.com/azure/app-service/configure-common",),
)
def http2(app: App) -> Flaws:
    if not app.site.enable_http2.is_true:
        yield flaw("Web app does not speak HTTP/2.", app.site.enable_http2)


@check(
    "AZU-0006",
    "azure.appservice.services",
    severity="HIGH",
    code="use-secure-tls-policy",
    title="Web apps should require TLS 1.2 or newer",
    why="TLS 1.0 and 1.1 have known weaknesses; clients that still speak them can be eavesdropped.",
    fix="Set minimum_tls_version (min_tls_version in azurerm_app_service) to 1.2 in site_config.",
    references=("https://learn.microsoft.com/azure/app-service/overview-tls",),
)
def modern_tls(app: App) -> Flaws:
    if app.site.minimum_tls_version.differs("1.2", "1.3"):
        yield flaw("Web app accepts TLS versions before 1.2.", app.site.minimum_tls_version)


@check(
    "AZU-0069",
    "azure.appservice.services",
    severity="MEDIUM",
    code="supported-php-version",
    title="Web apps should run a supported version of PHP",
    why="Versions of PHP whose support has ended get no fixes for security holes.",
    fix="Choose a php_version that is supported, 8.3 or newer for example.",
    references=("https://www.php.net/supported-versions.php",),
)
def php_is_supported(app: App) -> Flaws:
    if _is_one_of(app.site.php_version, OLD_PHP):
        yield flaw(f"Web app runs PHP {app.site.php_version.value}, which is not supported.", app.site.php_version)


@check(
    "AZU-0070",
    "azure.appservice.services",
    severity="MEDIUM",
    code="supported-python-version",
    title="Web apps should run a supported version of Python",
    why="Versions of Python whose support has ended get no fixes for security holes.",
    fix="Choose a python_version that is supported, 3.12 or newer for example.",
    references=("https://devguide.python.org/versions/",),
)
def python_is_supported(app: App) -> Flaws:
    version = app.site.python_version
    if _is_one_of(version, OLD_PYTHON):
        yield flaw(f"Web app runs Python {version.value}, which is not supported.", version)


def _is_one_of(version: Attribute[str], releases: tuple[str, ...]) -> bool:
    """Whether a version is one of these, or a later patch of one."""
    return version.holds(lambda text: any(text == old or text.startswith(f"{old}.") for old in releases)).is_true


@check(
    "AZU-0071",
    "azure.appservice.services",
    severity="MEDIUM",
    code="enforce-ftps",
    title="Web apps should not be deployed over plain FTP",
    why="Plain FTP sends the password and the app's files in the clear.",
    fix="Set ftps_state to FtpsOnly or Disabled in site_config.",
    references=("https://learn.microsoft.com/azure/app-service/deploy-ftp",),
)
def ftps_only(app: App) -> Flaws:
    if app.site.ftps_state.differs("FtpsOnly", "Disabled"):
        yield flaw("Web app can be deployed over plain FTP.", app.site.ftps_state)


@check(
    "AZU-0072",
    "azure.appservice.services",
    severity="MEDIUM",
    code="web-app-https-only",
    title="Web apps should accept HTTPS only",
    why="Requests over plain HTTP, with their cookies and data, can be read and changed on the way.",
    fix="Set https_only to true.",
    references=("https://learn.microsoft.com/azure/app-service/configure-ssl-bindings",),
)
def https_only(app: App) -> Flaws:
    if not app.https_only.is_true:
        yield flaw("Web app accepts plain HTTP.", app.https_only)
