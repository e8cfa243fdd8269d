"""Modules, fields, layouts and custom views. Source: Zoho's metadata pages of the same names."""

from __future__ import annotations

from handlers.sandbox.crm import catalogue
from handlers.sandbox.crm.api import bad_id, missing_param, refuse
from handlers.sandbox.crm.world import Record, World, reference
from handlers.sandbox.web import Answer, Handler, Request

_SEEDED = "2026-01-05T09:00:00+00:00"


class Metadata:
    """Answers `/settings/...`."""

    def __init__(self, world: World) -> None:
        """Describe the modules of `world`."""
        self._world = world

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        return [
            ("GET", "/crm/v8/settings/modules", self.modules),
            ("GET", "/crm/v8/settings/modules/{module}", self.module),
            ("GET", "/crm/v8/settings/fields", self.fields),
            ("GET", "/crm/v8/settings/layouts", self.layouts),
            ("GET", "/crm/v8/settings/custom_views", self.views),
            ("GET", "/crm/v8/settings/custom_views/{id}", self.view),
        ]

    def modules(self, _request: Request) -> Answer:
        """Answer all modules."""
        return Answer.json({"modules": [self._module(name) for name in self._world.modules()]})

    def module(self, request: Request) -> Answer:
        """Answer one module."""
        name = request.params["module"]
        if name not in self._world.modules():
            raise refuse(400, "INVALID_MODULE", "the module name given seems to be invalid")
        return Answer.json({"modules": [self._module(name)]})

    def _module(self, name: str) -> Record:
        module_name, singular, display = catalogue.MODULES[name]
        plural = singular.removesuffix("y") + ("ies" if singular.endswith("y") else "s")
        admin = next(iter(self._world.users.values()))
        return {
            "api_name": name,
            "module_name": module_name,
            "singular_label": singular,
            "plural_label": plural,
            "id": catalogue.module_id(name),
            "api_supported": True,
            "creatable": True,
            "editable": True,
            "deletable": True,
            "viewable": True,
            "generated_type": "custom" if name in catalogue.CUSTOM else "default",
            "visibility": 1,
            "status": "visible",
            "profiles": [user["profile"] for user in list(self._world.users.values())[:2]],
            "parent_module": {},
            "display_field": {"api_name": display},
            "modified_time": _SEEDED,
            "modified_by": reference(admin),
        }

    def _asked(self, request: Request) -> str:
        name = request.query.get("module")
        if not name:
            raise missing_param("module")
        if name not in self._world.modules():
            raise refuse(400, "INVALID_MODULE", "the module name given seems to be invalid")
        return name

    def fields(self, request: Request) -> Answer:
        """Answer the fields of a module; they don't say what a layout demands."""
        fields = self._world.fields(self._asked(request))
        plain = [
            {**field, "required": field["system_mandatory"]} if field["custom_field"] else field
            for field in fields
        ]
        return Answer.json({"fields": plain})

    def layouts(self, request: Request) -> Answer:
        """Answer the one layout of a module, with `required` as the layout has it."""
        module = self._asked(request)
        number = int(catalogue.module_id(module)) + 500
        fields = self._world.fields(module)
        section = {
            "display_label": f"{catalogue.MODULES[module][1]} Information",
            "name": f"{module} Information",
            "api_name": f"{module}_Information",
            "id": str(number + 2),
            "sequence_number": 1,
            "type": "used",
            "fields": [{**field, "sequence_number": n + 1} for n, field in enumerate(fields)],
        }
        layout = {
            "id": str(number),
            "name": "Standard",
            "display_label": "Standard",
            "api_name": "Standard",
            "status": "active",
            "visible": True,
            "generated_type": "system",
            "sections": [section],
            "profiles": [],
        }
        return Answer.json({"layouts": [layout]})

    def _views(self, module: str) -> list[Record]:
        base = catalogue.module_id(module)[:-1]
        admin = reference(next(iter(self._world.users.values())))
        shown = catalogue.MODULES[module][0]
        return [
            {
                "id": f"{base}{number}",
                "name": f"{word} {shown}",
                "display_value": f"{word} {shown}",
                "system_name": f"{word.upper()}VIEW",
                "system_defined": True,
                "default": number == 1,
                "category": "public_views",
                "favorite": None,
                "locked": False,
                "created_by": admin,
                "created_time": _SEEDED,
                "modified_by": admin,
                "modified_time": _SEEDED,
                "last_accessed_time": _SEEDED,
            }
            for number, word in ((1, "All"), (2, "My"))
        ]

    def views(self, request: Request) -> Answer:
        """Answer the custom views of a module: "All ..." and "My ..."."""
        views = self._views(self._asked(request))
        info = {
            "per_page": 200,
            "default": views[0]["id"],
            "count": len(views),
            "page": 1,
            "more_records": False,
        }
        return Answer.json({"custom_views": views, "info": info})

    def view(self, request: Request) -> Answer:
        """Answer one custom view with its criteria."""
        for view in self._views(self._asked(request)):
            if view["id"] == request.params["id"]:
                mine = view["system_name"] == "MYVIEW"
                criteria = {
                    "comparator": "equal",
                    "field": {"api_name": "Owner"},
                    "value": "${CURRENTUSER}",
                }
                return Answer.json(
                    {"custom_views": [{**view, "criteria": criteria if mine else None}]}
                )
        raise bad_id()
