"""App Service: web apps and function apps."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

WEB_APPS = ("azurerm_app_service", "azurerm_linux_web_app", "azurerm_windows_web_app")
FUNCTION_APPS = ("azurerm_function_app", "azurerm_linux_function_app", "azurerm_windows_function_app")


class Identity(Resource):
    """The app's managed identity. type: `SystemAssigned`, `UserAssigned`, both with a comma, or empty."""

    type: Attribute[str] = absent("")


class Authentication(Resource):
    """Whether the platform asks users to log in."""

    enabled: Attribute[bool] = absent(False)


class Site(Resource):
    """Settings of the site. ftps_state: `AllAllowed`, `FtpsOnly`, `Disabled`, or empty for Azure's own default."""

    enable_http2: Attribute[bool] = absent(False)
    minimum_tls_version: Attribute[str] = absent("1.2")
    php_version: Attribute[str] = absent("")
    python_version: Attribute[str] = absent("")
    ftps_state: Attribute[str] = absent("")


class App(Resource):
    """A web app. resource: its type in Azure."""

    resource: Attribute[str] = absent("Microsoft.Web/sites")
    enable_client_cert: Attribute[bool] = absent(False)
    https_only: Attribute[bool] = absent(False)
    identity: Identity = field(default_factory=Identity)
    authentication: Authentication = field(default_factory=Authentication)
    site: Site = field(default_factory=Site)


class FunctionApp(Resource):
    """A function app."""

    https_only: Attribute[bool] = absent(False)


class AppService(Resource):
    """The service."""

    services: list[App] = []
    function_apps: list[FunctionApp] = []


def from_terraform(graph: Graph) -> AppService:
    return AppService(
        services=[_app(block) for block in graph.resources(*WEB_APPS)],
        function_apps=[
            FunctionApp(cause=block.cause, https_only=block.boolean("https_only"))
            for block in graph.resources(*FUNCTION_APPS)
        ],
    )


def _app(block: Block) -> App:
    old = block.type == "azurerm_app_service"
    identity = block.block("identity")
    # Version 2 of these settings says the same with another name.
    v2 = block.block("auth_settings_v2") if block.block("auth_settings") is None else None
    authentication = v2 or block.block("auth_settings")
    site = block.block("site_config")
    stack = "site_config" if old else "site_config.application_stack"
    return App(
        cause=block.cause,
        resource=Attribute("Microsoft.Web/sites", block.cause, explicit=False),
        enable_client_cert=block.boolean("client_cert_enabled" if old else "client_certificate_enabled"),
        https_only=block.boolean("https_only"),
        identity=Identity(cause=identity.cause if identity else block.cause, type=block.string("identity.type")),
        authentication=Authentication(
            cause=authentication.cause if authentication else block.cause,
            enabled=v2.boolean("auth_enabled") if v2 else block.boolean("auth_settings.enabled"),
        ),
        site=Site(
            cause=site.cause if site else block.cause,
            enable_http2=block.boolean("site_config.http2_enabled"),
            minimum_tls_version=block.string(
                "site_config.min_tls_version" if old else "site_config.minimum_tls_version", "1.2"
            ),
            php_version=block.string(f"{stack}.php_version"),
            python_version=block.string(f"{stack}.python_version"),
            # The older resource leaves the choice to Azure, which allows plain FTP.
            ftps_state=block.string("site_config.ftps_state", "" if old else "Disabled"),
        ),
    )


service = Service(
    path="azure.appservice",
    model=AppService,
    terraform=Adapter(types=(*WEB_APPS, *FUNCTION_APPS), fill=from_terraform),
)
