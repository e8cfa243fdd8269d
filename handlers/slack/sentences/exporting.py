"""Why an export can't be asked for as it is, as sentences: one line a code."""

from collections.abc import Mapping

ASKING: Mapping[str, str] = {
    # What no export can be
    "export_module": "“{name}” isn't a module of the CRM. Write one such as Leads or Contacts.",
    "export_field": "“{name}” isn't a field. Write its API name, such as Last_Name or Owner.last_name.",
    "export_fields_limit": "The CRM exports at most {limit} fields, not {found}. Take some out, or name none for all of them.",
    "export_ics_module": "Only meetings come as ICS. Choose CSV for {name}.",
    "export_ics_fields": "An ICS file has no fields to choose. Take the fields out, or choose CSV.",
    "export_page_limit": "The CRM gives at most {limit} pages. Narrow the export.",
    "criteria_limit": "The CRM takes at most {limit} conditions, not {found}. Take some out.",
    "criteria_list_limit": "The CRM takes 1 to {limit} values in a list, not {found}. Change the list of {name}.",
    "criteria_empty": "{name} can be empty or not empty, nothing else. Choose “is empty” or “is not empty”.",
    "criteria_pair_order": "The first of the two values of {name} is after the second. Swap them, or say the years.",
    "criteria_text": "A value has 1 to {limit} characters. Change the one of {name}.",
    "criteria_number": "A number has at most {limit} digits. Change the one of {name}.",
    # What the CRM says
    "export_module_refused": "Your CRM doesn't export that module. Choose another.",
    "export_field_refused": "Your CRM doesn't export the field {name}. Take it out.",
    "export_joins_refused": "Your CRM doesn't follow that many fields into other modules. Take some with a dot out.",
    "export_view_refused": "Your CRM doesn't export that view. Choose another, or none.",
    "export_criteria_refused": "With those of the view these are more conditions than the CRM takes. Take some out.",
    "export_where_refused": "Your CRM doesn't take the condition on {name}. Change it, or take it out.",
    "export_callback_refused": "The CRM can't reach Parley to say that it is done. Nothing is lost: it is asked instead.",
    "export_page_token": "The CRM has forgotten how far the export was. Start it again.",
    "export_job": "The CRM doesn't know this export any more. Start it again.",
    "export_result": "The CRM no longer keeps the result. Start the export again.",
    "crm_wrong_kind": "The CRM sent something that isn't an export. Try again; if it stays, tell your administrator.",
}
