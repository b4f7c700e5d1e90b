/** Korean for coming in and leaving: the company's login, and an account without a password. */

export default {
  "The company’s login cannot be reached at the moment. Try again in a few minutes.":
    "지금은 회사 로그인에 연결할 수 없어요. 몇 분 뒤에 다시 시도해 주세요.",
  "The company’s login did not let you in, or you cancelled it.":
    "회사 로그인이 허락되지 않았거나 직접 취소했어요.",
  "The company’s login gave an answer that cannot be trusted.": "회사 로그인의 응답을 믿을 수 없어요.",
  "This login took too long or was used already. Please try again.":
    "로그인에 시간이 너무 오래 걸렸거나 이미 쓴 로그인이에요. 다시 시도해 주세요.",
  "Too many attempts. Please wait a minute.": "시도가 너무 많아요. 1분쯤 기다려 주세요.",
  "Yes, delete everything about me": "네, 나에 대한 것을 모두 지워 주세요",
  "Your account here is not active.": "사용이 정지된 계정이에요.",
  "Your e-mail address is not among those that may log in here, or the company’s login has not verified it.":
    "이 이메일 주소로는 로그인할 수 없거나, 회사 로그인이 아직 확인하지 않은 주소예요.",
  "your password, by a link that only you should have got": "비밀번호(나만 받아야 하는 링크로)",
};
