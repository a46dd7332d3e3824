"""Products, buttons, lists, and the answers to them.

productMessage{product{productId, title, productImage{…}, priceAmount1000, …}, businessOwnerJid, body, footer}
orderMessage{orderId, token, itemCount, …}                                                  read only
buttonsMessage{text, contentText, footerText, buttons[{buttonId, buttonText{displayText}, type}], headerType}
buttonsResponseMessage{selectedButtonId, selectedDisplayText, type}
templateMessage{hydratedTemplate{…}}                                                        read only
templateButtonReplyMessage{selectedId, selectedDisplayText, selectedIndex}
listMessage{title, description, buttonText, footerText, listType, sections[{title, rows[…]}]}
listResponseMessage{title, description, listType, singleSelectReply{selectedRowId}}
interactiveMessage{header{title}, body{text}, footer{text}, nativeFlowMessage{buttons[{name, buttonParamsJson}], …}}
interactiveResponseMessage{body{text}, nativeFlowResponseMessage{name, paramsJson}}
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import jid, maybe, text
from motte.core.message.content.media import image
from motte.core.message.content.media_read import read_image
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint
from motte.errors import LocalProtocolError
from motte.model.content.business import (
    Button,
    ButtonReply,
    Buttons,
    Interactive,
    InteractiveReply,
    List,
    ListReply,
    Order,
    Product,
    Row,
    Section,
    Template,
)
from motte.proto.e2e_pb2 import HydratedTemplateButton, Message

MAX_CHOICES: Final = 256
"""Buttons, sections, or rows of a section, read from one message."""
_FLOW_VERSION: Final = 1


def _product(content: Product, scene: Scene) -> Message:
    snapshot = Message.ProductMessage.ProductSnapshot(
        productImage=image(content.image) if content.image is not None else None,
        productId=content.id,
        title=content.title or None,
        description=content.description,
        currencyCode=content.currency,
        priceAmount1000=content.price,
        salePriceAmount1000=content.sale_price,
        retailerId=content.retailer_id,
        url=content.url,
        productImageCount=content.image_count,
    )
    return Message(
        productMessage=Message.ProductMessage(
            product=snapshot,
            businessOwnerJid=str(content.owner),
            body=content.body or None,
            footer=content.footer or None,
        )
    )


def _buttons(content: Buttons, scene: Scene) -> Message:
    if not content.buttons:
        raise LocalProtocolError("a message with buttons needs one")
    kinds = Message.ButtonsMessage
    wire = Message.ButtonsMessage(
        text=content.header or None,
        contentText=content.text,
        footerText=content.footer or None,
        headerType=kinds.TEXT if content.header else kinds.EMPTY,
        buttons=map(_button, content.buttons),
    )
    return Message(buttonsMessage=wire)


def _button(button: Button) -> Message.ButtonsMessage.Button:
    kinds = Message.ButtonsMessage.Button
    label = kinds.ButtonText(displayText=button.text)
    return kinds(buttonId=button.id, buttonText=label, type=kinds.RESPONSE)


def _button_reply(content: ButtonReply, scene: Scene) -> Message:
    if content.template:
        return Message(
            templateButtonReplyMessage=Message.TemplateButtonReplyMessage(
                selectedId=content.id, selectedDisplayText=content.text, selectedIndex=content.index
            )
        )
    kinds = Message.ButtonsResponseMessage
    return Message(
        buttonsResponseMessage=kinds(
            selectedButtonId=content.id, selectedDisplayText=content.text, type=kinds.DISPLAY_TEXT
        )
    )


def _list(content: List, scene: Scene) -> Message:
    if not any(section.rows for section in content.sections):
        raise LocalProtocolError("a list needs a row")
    kinds = Message.ListMessage
    return Message(
        listMessage=kinds(
            title=content.title or None,
            description=content.text or None,
            buttonText=content.button,
            footerText=content.footer or None,
            listType=kinds.SINGLE_SELECT,
            sections=map(_section, content.sections),
        )
    )


def _section(section: Section) -> Message.ListMessage.Section:
    rows = (
        Message.ListMessage.Row(rowId=row.id, title=row.title, description=row.description or None)
        for row in section.rows
    )
    return Message.ListMessage.Section(title=section.title or None, rows=rows)


def _list_reply(content: ListReply, scene: Scene) -> Message:
    kinds = Message.ListResponseMessage
    return Message(
        listResponseMessage=kinds(
            title=content.title or None,
            description=content.description or None,
            listType=kinds.SINGLE_SELECT,
            singleSelectReply=kinds.SingleSelectReply(selectedRowId=content.id),
        )
    )


def _interactive(content: Interactive, scene: Scene) -> Message:
    kinds = Message.InteractiveMessage
    flow = kinds.NativeFlowMessage
    buttons = [flow.NativeFlowButton(name=name, buttonParamsJson=parameters) for name, parameters in content.buttons]
    return Message(
        interactiveMessage=kinds(
            header=kinds.Header(title=content.title, hasMediaAttachment=False) if content.title else None,
            body=kinds.Body(text=content.text),
            footer=kinds.Footer(text=content.footer) if content.footer else None,
            nativeFlowMessage=flow(
                buttons=buttons, messageParamsJson=content.parameters or None, messageVersion=_FLOW_VERSION
            ),
        )
    )


def _interactive_reply(content: InteractiveReply, scene: Scene) -> Message:
    kinds = Message.InteractiveResponseMessage
    flow = kinds.NativeFlowResponseMessage(name=content.name, paramsJson=content.parameters, version=_FLOW_VERSION)
    body = kinds.Body(text=content.text, format=kinds.Body.DEFAULT)
    return Message(interactiveResponseMessage=kinds(body=body, nativeFlowResponseMessage=flow))


def _read_product(message: Message, view: Viewpoint) -> Product | None:
    wire = message.productMessage
    owner, product = jid(wire.businessOwnerJid), wire.product
    if owner is None:
        return None
    return Product(
        owner=owner,
        id=text(product.productId),
        title=text(product.title),
        image=read_image(product.productImage, view) if product.HasField("productImage") else None,
        description=maybe(product.description),
        currency=maybe(product.currencyCode),
        price=product.priceAmount1000 or None,
        sale_price=product.salePriceAmount1000 or None,
        retailer_id=maybe(product.retailerId),
        url=maybe(product.url),
        image_count=product.productImageCount or None,
        body=text(wire.body),
        footer=text(wire.footer),
    )


def _read_order(message: Message, view: Viewpoint) -> Order:
    wire = message.orderMessage
    return Order(
        id=text(wire.orderId),
        token=text(wire.token),
        title=text(wire.orderTitle),
        seller=jid(wire.sellerJid),
        items=wire.itemCount,
        message=text(wire.message),
        total=wire.totalAmount1000 or None,
        currency=maybe(wire.totalCurrencyCode),
    )


def _read_buttons(message: Message, view: Viewpoint) -> Buttons:
    wire = message.buttonsMessage
    buttons = tuple(
        Button(id=text(button.buttonId), text=text(button.buttonText.displayText))
        for button in wire.buttons[:MAX_CHOICES]
    )
    return Buttons(text=text(wire.contentText), buttons=buttons, header=text(wire.text), footer=text(wire.footerText))


def _read_button_reply(message: Message, view: Viewpoint) -> ButtonReply:
    wire = message.buttonsResponseMessage
    return ButtonReply(id=text(wire.selectedButtonId), text=text(wire.selectedDisplayText))


def _read_template(message: Message, view: Viewpoint) -> Template:
    wire = message.templateMessage
    whole = wire.hydratedTemplate if wire.HasField("hydratedTemplate") else wire.hydratedFourRowTemplate
    return Template(
        text=text(whole.hydratedContentText),
        title=text(whole.hydratedTitleText),
        footer=text(whole.hydratedFooterText),
        buttons=tuple(map(_template_button, whole.hydratedButtons[:MAX_CHOICES])),
    )


def _template_button(wire: HydratedTemplateButton) -> Button:
    """A button; those that open a link or a call have no id."""
    if wire.HasField("urlButton"):
        return Button(id="", text=text(wire.urlButton.displayText))
    if wire.HasField("callButton"):
        return Button(id="", text=text(wire.callButton.displayText))
    return Button(id=text(wire.quickReplyButton.id), text=text(wire.quickReplyButton.displayText))


def _read_template_reply(message: Message, view: Viewpoint) -> ButtonReply:
    wire = message.templateButtonReplyMessage
    index = wire.selectedIndex if wire.HasField("selectedIndex") else None
    return ButtonReply(id=text(wire.selectedId), text=text(wire.selectedDisplayText), template=True, index=index)


def _read_list(message: Message, view: Viewpoint) -> List:
    wire = message.listMessage
    return List(
        button=text(wire.buttonText),
        sections=tuple(map(_read_section, wire.sections[:MAX_CHOICES])),
        title=text(wire.title),
        text=text(wire.description),
        footer=text(wire.footerText),
    )


def _read_section(wire: Message.ListMessage.Section) -> Section:
    rows = (
        Row(id=text(row.rowId), title=text(row.title), description=text(row.description))
        for row in wire.rows[:MAX_CHOICES]
    )
    return Section(title=text(wire.title), rows=tuple(rows))


def _read_list_reply(message: Message, view: Viewpoint) -> ListReply:
    wire = message.listResponseMessage
    return ListReply(
        id=text(wire.singleSelectReply.selectedRowId), title=text(wire.title), description=text(wire.description)
    )


def _read_interactive(message: Message, view: Viewpoint) -> Interactive:
    wire = message.interactiveMessage
    flow = wire.nativeFlowMessage
    return Interactive(
        text=text(wire.body.text),
        buttons=tuple((text(one.name), text(one.buttonParamsJson)) for one in flow.buttons[:MAX_CHOICES]),
        title=text(wire.header.title),
        footer=text(wire.footer.text),
        parameters=text(flow.messageParamsJson),
    )


def _read_interactive_reply(message: Message, view: Viewpoint) -> InteractiveReply:
    wire = message.interactiveResponseMessage
    flow = wire.nativeFlowResponseMessage
    return InteractiveReply(text=text(wire.body.text), name=text(flow.name), parameters=text(flow.paramsJson))


BUILDERS: Final[dict[type, Builder]] = {
    Product: _product,
    Buttons: _buttons,
    ButtonReply: _button_reply,
    List: _list,
    ListReply: _list_reply,
    Interactive: _interactive,
    InteractiveReply: _interactive_reply,
}
READERS: Final[dict[str, Reader]] = {
    "productMessage": _read_product,
    "orderMessage": _read_order,
    "buttonsMessage": _read_buttons,
    "buttonsResponseMessage": _read_button_reply,
    "templateMessage": _read_template,
    "templateButtonReplyMessage": _read_template_reply,
    "listMessage": _read_list,
    "listResponseMessage": _read_list_reply,
    "interactiveMessage": _read_interactive,
    "interactiveResponseMessage": _read_interactive_reply,
}
