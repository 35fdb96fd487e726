// The page's own words. What the bot says comes from the bot; a phone's frame speaks the phone's language.

const ZH = {
  product: "心桥", title: "心桥 · 演示", tagline: "几部手机，同一个机器人，同一座桥",
  page_language: "页面语言", phones: "手机", show_phone: "看{name}的手机", unread: "{count} 条未读",
  offline: "连接断了，正在重新连接……", starting: "正在打开……", no_server: "连不上演示服务器，正在再试……",
  clock: "演示时钟", turn_clock: "拨动时钟", hour: "+1 小时", day: "+1 天", morning: "下一个 09:00", to: "拨到……",
  to_when: "拨到哪一刻", turn: "拨过去", turning: "时钟正在往前走……", clock_failed: "时钟没有拨动：{error}",
  phone_language: "这部手机的语言", phone_menu: "这部手机的更多操作", block: "停用机器人", unblock: "恢复机器人",
  restart: "发送 /start", volunteer: "爱心妈妈", teacher: "教师", counsellor: "心理辅导老师", guardian: "家长", coordinator: "项目办",
  home_lead: "项目学校负责人", leader: "包保责任人", stranger: "还没有加入",
  which_phone: "在哪部手机上打开？", which_phone_why: "这是一条邀请链接。真实的手机会直接打开聊天。", cancel: "取消",
  bot: "机器人", typing: "正在输入", uploading: "正在发送文件", blocked: "已停用", chat: "{name}与{bot}的聊天",
  placeholder: "写消息…", send: "发送", menu: "菜单", commands: "命令", no_commands: "机器人还没有提供命令", attach: "添加",
  photo: "照片", sample_photo: "示例照片", file: "文件", sample_voice: "示例语音", contact: "我的电话", record: "录语音",
  recording: "正在录音", stop_send: "发送语音", no_microphone: "用不了麦克风，改发了一条示例语音。",
  reply: "回复", edit: "修改", copy: "复制", copied: "已复制", replying: "回复", editing: "修改消息", close: "关闭",
  edited: "已修改", deleted: "这条消息已从聊天里删除", photo_alt: "照片", voice: "语音", play: "播放", pause: "暂停",
  open_file: "打开文件 {name}", attached: "{count} 张照片，可以写一句说明", start: "开始", empty: "聊天从这里开始。",
  today: "今天", yesterday: "昨天", newest: "回到最新消息", ok: "好", blocked_bar: "机器人已停用，它发不来消息。", unreachable: "演示服务器没有回应", failed: "没有发出去：{error}",
  message_actions: "对这条消息", enlarge: "放大照片",
};

const EN = {
  product: "Xinqiao", title: "Xinqiao · demo", tagline: "Several phones, one bot, one bridge",
  page_language: "Page language", phones: "Phones", show_phone: "Show {name}'s phone", unread: "{count} unread",
  offline: "The connection broke; reconnecting…", starting: "Opening…", no_server: "The demo server does not answer; trying again…",
  clock: "Demo clock", turn_clock: "Turn the clock", hour: "+1 hour", day: "+1 day", morning: "Next 09:00", to: "Turn to…",
  to_when: "Turn to which moment", turn: "Turn", turning: "The clock is moving on…", clock_failed: "The clock did not turn: {error}",
  phone_language: "This phone's language", phone_menu: "More for this phone", block: "Block the bot", unblock: "Unblock the bot",
  restart: "Send /start", volunteer: "Love mother", teacher: "Teacher", counsellor: "Counsellor", guardian: "Guardian", coordinator: "Coordinator",
  home_lead: "Home lead", leader: "Responsible leader", stranger: "Not yet invited",
  which_phone: "Open it on which phone?", which_phone_why: "This is an invitation link. A real phone opens the chat by itself.", cancel: "Cancel",
  bot: "bot", typing: "typing", uploading: "sending a file", blocked: "blocked", chat: "Chat of {name} with {bot}",
  placeholder: "Message…", send: "Send", menu: "Menu", commands: "Commands", no_commands: "The bot offers no commands yet", attach: "Attach",
  photo: "Photo", sample_photo: "Sample photo", file: "File", sample_voice: "Sample voice note", contact: "My phone number", record: "Record a voice note",
  recording: "Recording", stop_send: "Send the voice note", no_microphone: "No microphone here, so a sample voice note was sent.",
  reply: "Reply", edit: "Edit", copy: "Copy", copied: "Copied", replying: "Reply", editing: "Edit the message", close: "Close",
  edited: "edited", deleted: "This message was deleted from the chat", photo_alt: "Photo", voice: "Voice note", play: "Play", pause: "Pause",
  open_file: "Open the file {name}", attached: "{count} photos; you can add a caption", start: "Start", empty: "The chat starts here.",
  today: "Today", yesterday: "Yesterday", newest: "To the newest message", ok: "OK", blocked_bar: "The bot is blocked and cannot write here.", unreachable: "the demo server does not answer", failed: "Not sent: {error}",
  message_actions: "For this message", enlarge: "Enlarge the photo",
};

export const WORDS = { zh: ZH, en: EN };

/** "zh-hans", "zh_CN" and "zh" are zh; all else is en. */
export const tongue = (code) => (String(code ?? "").toLowerCase().startsWith("zh") ? "zh" : "en");

/** say("zh", "unread", {count: 3}) */
export function say(language, key, values = {}) {
  return WORDS[tongue(language)][key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const count = (text, letters) => (text.match(letters) ?? []).length;

/** The language of a text as HTML names it: a Chinese name in an English sentence leaves it English. */
export const spokenLanguage = (text) => (count(text, /[a-z]/gi) > 2 * count(text, /\p{Script=Han}/gu) ? "en" : "zh-Hans");

export const htmlLanguage = (language) => (tongue(language) === "zh" ? "zh-Hans" : "en");
